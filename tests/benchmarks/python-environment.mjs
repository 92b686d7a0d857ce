// Virtual environments for peers in Python, outside the project, each made once.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Optuna and PyTorch from PyPI, as their users have them. */
export const sweepPeer = {
  name: 'optuna-5.0.0-torch-2.15.0',
  packages: ['optuna==5.0.0', 'torch==2.15.0', 'numpy==2.2.6'],
};
export const optunaPeer = { name: 'optuna-5.0.0', packages: ['optuna==5.0.0', 'numpy==2.2.6'] };
export const gluonPeer = {
  name: 'gluonts-0.17.0-torch-2.15.0',
  packages: ['gluonts[torch]==0.17.0', 'torch==2.15.0'],
};

/** The interpreter of an environment with these packages. Throws Error with one line where it cannot be made. */
export function pythonWith({ name, packages }) {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'unroll', name);
  const python = join(folder, 'bin', 'python');
  const run = (command, args) => {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args[1]}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  };
  if (!existsSync(join(folder, 'complete'))) {
    console.error(`installing ${packages.join(', ')} in ${folder} ...`);
    mkdirSync(dirname(folder), { recursive: true });
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
    mkdirSync(join(folder, 'complete'));
  }
  return python;
}

/**
 * A script of peers/ in another process, on one thread, idle while we measure; undefined, and why on standard error, if its packages
 * cannot be installed. Its first line is its name. `ask` sends it a line and gives the line that it answers.
 */
export async function openPython(packages, script, { args = [], stderr = 'inherit' } = {}) {
  let python;
  try {
    python = pythonWith(packages);
  } catch (error) {
    console.error(error.message);
    return undefined;
  }
  const path = fileURLToPath(new URL(`peers/${script}`, import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
  const child = spawn(python, [path, ...args], { env, stdio: ['pipe', 'pipe', stderr] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${packages.name} ended early`);
    return value;
  };
  const name = await next();
  const ask = (line) => (child.stdin.write(`${line}\n`), next());
  return { name, ask, close: () => child.stdin.end() };
}
