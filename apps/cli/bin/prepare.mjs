// What a fresh clone lacks: dependencies, and the build. Plain Node, since nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function step(what, args, quiet) {
  if (!quiet) console.error(what);
  const { status, error } = spawnSync(npm, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  const again = spawnSync(npm, args, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });
  if (again.status === 0) return;
  console.error(`${what} failed: run "npm ${args.join(' ')}" to see why${error ? ` (${error.message})` : ''}`);
  process.exit(1);
}

/** When the newest file under `folder` was written; 0 where there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

/** Makes the built command ready: installs where node_modules is missing or older than the lockfile, builds where sources changed. */
export async function prepare({ quiet = false } = {}) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lockfile = join(root, 'package-lock.json');
  // An image holds what it needs, and no lockfile.
  const outdated =
    existsSync(lockfile) && (!existsSync(installed) || statSync(lockfile).mtimeMs > statSync(installed).mtimeMs + 1000);
  if (outdated) step('Installing dependencies (once, about a minute) ...', ['ci', '--no-audit', '--no-fund'], quiet);
  const entry = join(root, 'dist', 'apps', 'cli', 'src', 'main.js');
  const sources = Math.max(newest(join(root, 'apps')), newest(join(root, 'libs')));
  if (!existsSync(entry) || sources > statSync(entry).mtimeMs) step('Building ...', ['run', 'build'], quiet);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
