// node libs/kernels/build.mjs: builds the native kernels where a compiler is. Never fails: where they cannot be built it says so
// in one line, and the engine `native` is absent. Does nothing where what is built is newer than its sources; `--force` builds.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const release = join(folder, 'build', 'Release');
const addon = join(release, 'unroll_kernels.node');
const reasonFile = join(folder, 'build', 'absent.txt');

const sources = [
  join(folder, 'binding.gyp'),
  ...readdirSync(join(folder, 'native')).map((name) => join(folder, 'native', name)),
];
const newest = Math.max(...sources.map((source) => statSync(source).mtimeMs));

/** Node's own headers lie beside its binary where it was installed from an archive; else node-gyp finds or fetches them. */
function headers() {
  const root = join(dirname(process.execPath), '..');
  return existsSync(join(root, 'include', 'node', 'node_api.h')) ? [`--nodedir=${root}`] : [];
}

function build() {
  if (process.platform === 'win32') return 'they are not built on Windows';
  let gyp;
  try {
    gyp = createRequire(import.meta.url).resolve('node-gyp/bin/node-gyp.js');
  } catch {
    return 'node-gyp is not installed';
  }
  const options = { cwd: folder, encoding: 'utf8', timeout: 600_000 };
  const { status, stderr, error } = spawnSync(
    process.execPath,
    [gyp, 'rebuild', '--release', '--jobs=max', ...headers()],
    options,
  );
  if (status === 0 && existsSync(addon)) return undefined;
  const lines = String(stderr ?? '').split('\n');
  const telling =
    lines.find((line) => /not found|error:|Error:|could not/i.test(line)) ?? error?.message ?? 'node-gyp failed';
  return telling.replace(/^gyp ERR! /, '').trim();
}

if (process.argv.includes('--force') || !existsSync(addon) || statSync(addon).mtimeMs < newest) {
  const reason = build();
  if (reason) {
    console.error(`The engine "native" is not there: its kernels could not be built (${reason}).`);
    rmSync(addon, { force: true });
    mkdirSync(dirname(reasonFile), { recursive: true });
    writeFileSync(reasonFile, `${reason}\n`);
  } else rmSync(reasonFile, { force: true });
}
