// The file of a search thread in specs, which run from the sources: Node.js loads TypeScript here as Jest does.
const { transformFileSync } = require('@swc/core');
const { join } = require('node:path');

const cwd = join(module.path, '..', '..');
require.extensions['.ts'] = (module, file) =>
  module._compile(transformFileSync(file, { cwd, sourceMaps: 'inline' }).code, file);
require('../../apps/api/src/search/search-thread.ts');
