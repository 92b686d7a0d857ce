// Lets a thread of a spec load the sources, as Jest does: Node.js alone does not read TypeScript with our imports.
const { transformFileSync } = require('@swc/core');
const { join } = require('node:path');

const cwd = join(module.path, '..', '..');
require.extensions['.ts'] = (module, file) =>
  module._compile(transformFileSync(file, { cwd, sourceMaps: 'inline' }).code, file);
