// Lets a thread of a spec load the sources, as Jest does: Node.js alone does not read TypeScript with our imports.
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join, relative } = require('node:path');
const { threadId } = require('node:worker_threads');

const cwd = join(module.path, '..', '..');
/** The folder of a run where its threads share what they have compiled. */
const folder = process.env.UNROLL_TEST_COMPILED;

const compile = (file) => {
  const { transformFileSync } = require('@swc/core');
  return transformFileSync(file, { cwd, sourceMaps: 'inline' }).code;
};

function compiled(file) {
  if (!folder) return compile(file);
  const kept = join(folder, encodeURIComponent(relative(cwd, file)));
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const code = compile(file);
  // Another thread may be reading or writing the same file.
  const own = `${kept}.${process.pid}.${threadId}`;
  writeFileSync(own, code);
  renameSync(own, kept);
  return code;
}

require.extensions['.ts'] = (module, file) => module._compile(compiled(file), file);
