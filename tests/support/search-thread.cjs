// The file of a search thread in specs, which run from the sources.
require('./typescript.cjs');
require('../../apps/api/src/search/search-thread.ts');
