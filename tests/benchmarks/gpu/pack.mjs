// Packs what a GPU machine with Linux on x64, without a network and without Node, needs to check and to measure the engine webgpu: node
// tests/benchmarks/gpu/pack.mjs FOLDER. Copy the folder there and run FOLDER/run.sh. 64 MiB at most.
import { spawnSync } from 'node:child_process';
import { build } from 'esbuild';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
const most = 64 * 2 ** 20;
/** The loader of Vulkan drivers, which a machine may lack though it has a driver. */
const loaders = ['/usr/lib/x86_64-linux-gnu/libvulkan.so.1', '/usr/lib64/libvulkan.so.1'];

function fail(message) {
  console.error(`pack: ${message}`);
  process.exit(1);
}

function run(command, args) {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) fail(`${command} failed: ${error?.message ?? stderr.trim()}`);
}

/** A program or a library without its symbols, compressed: at level 2 it takes three times as long and saves a tenth. */
function squeezed(source, target) {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-pack-'));
  const copy = join(folder, 'file');
  copyFileSync(source, copy);
  if (spawnSync('strip', ['--version']).status === 0) run('strip', ['--strip-unneeded', copy]);
  run('xz', ['-T0', '-0', copy]);
  copyFileSync(`${copy}.xz`, `${target}.xz`);
  rmSync(folder, { recursive: true });
}

const totalSize = (path) =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + totalSize(join(path, name)), 0)
    : statSync(path).size;

const [folder] = process.argv.slice(2);
if (!folder) fail('node tests/benchmarks/gpu/pack.mjs FOLDER');
if (process.platform !== 'linux' || process.arch !== 'x64') fail('packs on Linux on x64 alone, for the same');
if (existsSync(folder) && readdirSync(folder).length > 0) fail(`${folder} is not empty`);
const dawn = join(root, 'node_modules', 'webgpu');
if (!existsSync(dawn)) fail('the optional package webgpu is not installed');

await build({
  entryPoints: [join(here, 'entry.ts')],
  outfile: join(folder, 'bundle.cjs'),
  ...{
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    minify: true,
    keepNames: true,
    logLevel: 'error',
  },
  // Used by nothing that a GPU runs.
  external: ['onnxruntime-node', '@tensorflow/tfjs-node-gpu'],
  logOverride: { 'empty-import-meta': 'silent' },
});
const built = join(folder, 'node_modules', 'webgpu');
mkdirSync(join(built, 'dist', 'linux-x64'), { recursive: true });
for (const name of ['package.json', 'index.js', 'LICENSE.md']) copyFileSync(join(dawn, name), join(built, name));
squeezed(join(dawn, 'dist', 'linux-x64', 'dawn.node'), join(built, 'dist', 'linux-x64', 'dawn.node'));
squeezed(process.execPath, join(folder, 'node'));
mkdirSync(join(folder, 'lib'));
const loader = loaders.find((path) => existsSync(path));
if (loader) copyFileSync(loader, join(folder, 'lib', 'libvulkan.so.1'));
else console.error('pack: there is no libvulkan.so.1 here (Debian: libvulkan1): the other machine needs its own');
for (const name of ['recurrent-layers.json', 'training-traces.json'])
  cpSync(join(root, 'tests', 'reference', name), join(folder, 'reference', name));
copyFileSync(join(here, '..', 'peers', 'pytorch_gpu.py'), join(folder, 'pytorch_gpu.py'));
copyFileSync(join(here, 'run.sh'), join(folder, 'run.sh'));

const bytes = totalSize(folder);
if (bytes > most) fail(`the folder has ${(bytes / 2 ** 20).toFixed(1)} MiB, more than ${most / 2 ** 20}`);
console.log(`${folder}: ${(bytes / 2 ** 20).toFixed(1)} MiB. Copy it to the GPU machine, and run run.sh there.`);
