// node tests/benchmarks/peers/tensorflow.mjs [COMMAND …]: the engine `tensorflow` where the library that its package downloads cannot be
// had. Builds the package's own binding, once, in a folder of the user's cache, against the headers and the library of TensorFlow's Python
// package, which exports the same C API; then runs COMMAND in a copy of this checkout that finds it in its node_modules. For Linux on x64.
//
//     node tests/benchmarks/peers/tensorflow.mjs apps/cli/bin/unroll.mjs verify --engine tensorflow
//     node tests/benchmarks/peers/tensorflow.mjs node_modules/jest/bin/jest.js …
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const modules = join(root, 'node_modules');
/** Of the C API that the binding was written for (2.9.1), the last one that PyPI has. */
const wheel = 'tensorflow-cpu==2.9.3';
const { version } = JSON.parse(readFileSync(join(modules, '@tensorflow', 'tfjs', 'package.json'), 'utf8'));
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'unroll', `tensorflow-${version}`);
const gpuPackage = join('@tensorflow', 'tfjs-node-gpu');

function fail(message) {
  console.error(`tensorflow: ${message}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, error, stderr, stdout } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status === 0) return stdout.trim();
  const cause = stderr?.split('\n').find((line) => /error/i.test(line)) ?? stderr?.trim().split('\n').at(-1);
  fail(`${command} ${args[0]} failed: ${error?.message ?? cause}`);
}

/** The path of a libpython: the Python package's library calls it while it loads, though no Python ever runs. */
function pythonLibrary() {
  const asked = 'import sysconfig as s; print(s.get_config_var("LIBDIR") + "/" + s.get_config_var("INSTSONAME"))';
  for (const python of ['/usr/bin/python3', 'python3']) {
    const path = spawnSync(python, ['-c', asked], { encoding: 'utf8' }).stdout?.trim();
    if (path && path.includes('.so') && existsSync(path)) return path;
  }
  return fail('there is no libpython3 (Debian: libpython3-dev)');
}

/** The headers and the library, where the package's own install script puts them. */
function placeLibrary(work, target) {
  const download = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', work];
  run('python3', [
    ...['-m', 'pip', ...download, '--python-version', '310', '--implementation', 'cp', '--abi', 'cp310'],
    ...['--platform', 'manylinux_2_17_x86_64', '--platform', 'manylinux2014_x86_64', wheel],
  ]);
  const file = readdirSync(work).find((name) => name.endsWith('.whl'));
  run('python3', ['-m', 'zipfile', '-e', join(work, file), join(work, 'wheel')]);
  const from = join(work, 'wheel', 'tensorflow');
  const library = join(target, 'lib');
  mkdirSync(library, { recursive: true });
  renameSync(join(from, 'include'), join(target, 'include'));
  for (const [path, short] of [
    ['python/_pywrap_tensorflow_internal.so', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    const name = path.split('/').at(-1);
    renameSync(join(from, path), join(library, name));
    symlinkSync(name, join(library, short));
  }
}

/** Builds the package in a folder of its own, which takes its place when it is complete. */
function build() {
  const work = `${cache}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  const quiet = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const what = `${gpuPackage}@${version}`;
  run('npm', ['install', '--prefix', work, '--ignore-scripts', '--install-strategy=nested', ...quiet, what]);
  const folder = join(work, 'node_modules', gpuPackage);
  // TensorFlow.js itself has to be the one of this checkout.
  rmSync(join(folder, 'node_modules', '@tensorflow'), { recursive: true });
  placeLibrary(work, join(folder, 'deps'));
  const nodeHeaders = join(dirname(process.execPath), '..');
  const python = pythonLibrary();
  run(
    process.execPath,
    [
      ...[createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js'), 'rebuild', '--release'],
      ...['--module_name=tfjs_binding', `--module_path=${join(folder, 'lib', 'napi-v8')}`, '--napi_build_version=8'],
      ...(existsSync(join(nodeHeaders, 'include', 'node', 'node_api.h')) ? [`--nodedir=${nodeHeaders}`] : []),
    ],
    { cwd: folder, env: { ...process.env, LDFLAGS: `-Wl,--no-as-needed -Wl,-rpath,${dirname(python)} ${python}` } },
  );
  mkdirSync(join(cache, 'node_modules', '@tensorflow'), { recursive: true });
  renameSync(folder, join(cache, 'node_modules', gpuPackage));
  rmSync(work, { recursive: true });
}

/** A copy of this checkout, without its packages: they are linked, all but the one that was built. */
function copyCheckout() {
  const target = join(cache, 'checkout');
  const left = new Set(['node_modules', '.git', '.unroll', 'coverage']);
  rmSync(target, { recursive: true, force: true });
  cpSync(root, target, {
    recursive: true,
    preserveTimestamps: true,
    filter: (path) => !left.has(relative(root, path)),
  });
  const linked = join(cache, 'node_modules');
  const link = (name) => {
    rmSync(join(linked, name), { recursive: true, force: true });
    symlinkSync(join(modules, name), join(linked, name));
  };
  const scope = '@tensorflow';
  readdirSync(modules)
    .filter((name) => name !== scope)
    .forEach(link);
  readdirSync(join(modules, scope))
    .map((name) => join(scope, name))
    .filter((name) => name !== gpuPackage)
    .forEach(link);
  symlinkSync(linked, join(target, 'node_modules'));
  return target;
}

const binding = join(cache, 'node_modules', gpuPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
if (process.platform !== 'linux' || process.arch !== 'x64') fail('the library is for Linux on x64 alone');
if (!existsSync(binding)) {
  console.error(`Building ${gpuPackage} ${version} with ${wheel} in ${cache} ...`);
  build();
}
const command = process.argv.slice(2);
if (command.length > 0) {
  const { status } = spawnSync(process.execPath, command, { cwd: copyCheckout(), stdio: 'inherit' });
  process.exitCode = status ?? 1;
}
