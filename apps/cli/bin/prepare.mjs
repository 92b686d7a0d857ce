// Installs the dependencies and builds what a fresh clone lacks. Plain Node: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
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

/** Modification time of the newest source file under `folder`, without specs, which are not built; 0 if there is none. */
function newest(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.spec)\.(tsx?|css|html)$/.test(entry.name))
    .reduce((time, entry) => Math.max(time, statSync(join(entry.parentPath, entry.name)).mtimeMs), 0);
}

const isAlive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
};

/** Runs `work` under the lock of this folder: two concurrent installs would delete each other's files. A dead owner's lock is removed. */
async function locked(work) {
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const path = join(tmpdir(), `unroll-prepare-${name}`);
  for (;;) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') break; // An unwritable temporary folder must not block the start.
      const owner = existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
      if (owner && isAlive(owner)) await wait(200);
      else rmSync(path, { force: true });
    }
  }
  try {
    work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Prepares the built command: installs if node_modules is missing or older than the lockfile, builds if sources changed. */
export async function prepare({ quiet = false } = {}) {
  if (isReady()) return;
  await locked(() => {
    if (isOutdated())
      step('Installing dependencies (once, about a minute) ...', ['ci', '--no-audit', '--no-fund'], quiet);
    if (!isBuilt()) step('Building ...', ['run', 'build'], quiet);
  });
}

const isReady = () => !isOutdated() && isBuilt();

function isOutdated() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  const lockfile = join(root, 'package-lock.json');
  // A container image contains everything it needs, and no lockfile.
  return (
    existsSync(lockfile) && (!existsSync(installed) || statSync(lockfile).mtimeMs > statSync(installed).mtimeMs + 1000)
  );
}

function isBuilt() {
  // The dashboard is built last.
  const entries = [join('cli', 'src', 'main.js'), join('dashboard', 'index.html')].map((path) =>
    join(root, 'dist', 'apps', path),
  );
  const sources = Math.max(newest(join(root, 'apps')), newest(join(root, 'libs')));
  return entries.every((entry) => existsSync(entry) && sources <= statSync(entry).mtimeMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
