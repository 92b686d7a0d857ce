const { sep } = require('node:path');
const vm = require('node:vm');
const { default: Runtime } = require('jest-runtime');
const { keepGlobalsOf } = require('./one-realm.cjs');

const packages = `${sep}node_modules${sep}`;

/** Packages whose modules hold what a spec changes: kernels and backends of TensorFlow.js. Each file loads them anew. */
const stateful = [`${packages}@tensorflow${sep}`];

const isShared = (path, options) =>
  !options?.isInternalModule && path.includes(packages) && !stateful.some((folder) => path.includes(folder));

/** Scripts that a process has compiled, by file: the files after the first only run them. */
const compiled = new Map();

function compile(source, filename, parameters) {
  const known = compiled.get(filename);
  if (known?.source === source) return known.script;
  const start = `(function (${parameters.join(', ')}) {`;
  const script = new vm.Script(`${start}${source}\n})`, {
    filename,
    columnOffset: -start.length,
    importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  compiled.set(filename, { source, script });
  return script;
}

/**
 * Runs every file in the realm of Node.js, not in a context of its own: classes are the same on both sides, globals are as fast as
 * they are in the product, and a package is loaded once a process. What is ours is still loaded anew for each file.
 */
module.exports = class OneRealmRuntime extends Runtime {
  constructor(...given) {
    super(...given);
    const [, , , , , { collectCoverage }] = given;
    const { executor, cjsLoader } = this;
    const parameters = executor.injectedModuleParameters;
    // A wrapper would shift what V8 counts.
    executor.compile = collectCoverage
      ? (source, filename) => vm.compileFunction(source, parameters, { filename })
      : (source, filename) => compile(source, filename, parameters).runInThisContext();
    const load = cjsLoader.loadModule;
    cjsLoader.loadModule = (module, from, name, path, options, registry) => {
      if (!isShared(path, options)) return load.call(cjsLoader, module, from, name, path, options, registry);
      module.exports = keepGlobalsOf(() => require(path));
      module.loaded = true;
    };
  }
};
