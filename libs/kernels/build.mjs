// node libs/kernels/build.mjs: builds the addon where there is a compiler. Never fails: where it cannot be built, it says why in one
// line, and the engine `native` is unavailable. Does nothing where the addon is newer than its sources; `--force` builds anyway.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const addon = join(folder, 'build', 'Release', 'unroll_kernels.node');
const reasonFile = join(folder, 'build', 'absent.txt');

const sources = [
  join(folder, 'binding.gyp'),
  join(folder, 'flags.gypi'),
  ...readdirSync(join(folder, 'native'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name)),
];
const newest = Math.max(...sources.map((source) => statSync(source).mtimeMs));

/** Node's own headers are beside its binary where it was installed from an archive; else node-gyp finds or fetches them. */
function headers() {
  const root = join(dirname(process.execPath), '..');
  return existsSync(join(root, 'include', 'node', 'node_api.h')) ? [`--nodedir=${root}`] : [];
}

/** Builds, and returns why it failed, or undefined. */
function build() {
  if (process.platform === 'win32') return 'Windows is not supported';
  let gyp;
  try {
    gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return 'node-gyp is not installed';
  }
  // A compiler's warnings may be long.
  const options = { cwd: folder, encoding: 'utf8', timeout: 1_200_000, maxBuffer: Infinity };
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [gyp, 'rebuild', '--release', '--jobs=max', ...headers()],
    options,
  );
  if (status === 0 && existsSync(addon)) return undefined;
  const lines = String(stderr ?? '').split('\n');
  const cause = lines.find((line) => /not found|error:|Error:|could not/i.test(line)) ?? error?.message;
  return (cause ?? 'node-gyp failed').replace(/^gyp ERR! /, '').trim();
}

if (process.argv.includes('--force') || !existsSync(addon) || statSync(addon).mtimeMs < newest) {
  const reason = build();
  if (reason) {
    console.error(`The engine "native" is unavailable: its kernels could not be built (${reason}).`);
    rmSync(addon, { force: true });
    mkdirSync(dirname(reasonFile), { recursive: true });
    writeFileSync(reasonFile, `${reason}\n`);
  } else rmSync(reasonFile, { force: true });
}
