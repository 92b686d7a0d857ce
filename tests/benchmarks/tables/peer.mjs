// Optuna on the same tables, in a virtual environment outside the project that is made once.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const packages = ['optuna==5.0.0', 'numpy==2.2.6'];
const script = fileURLToPath(new URL('../peers/optuna_tables.py', import.meta.url));

/** The interpreter of the environment. Throws Error with one line where it cannot be made. */
function environment() {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'unroll', 'optuna-5.0.0');
  const python = join(folder, 'bin', 'python');
  const run = (command, args) => {
    const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args[1]}: ${error?.message ?? stderr.trim().split('\n').at(-1)}`);
  };
  if (!existsSync(join(folder, 'complete'))) {
    mkdirSync(dirname(folder), { recursive: true });
    run('python3', ['-m', 'venv', folder]);
    run(python, ['-m', 'pip', 'install', '--quiet', ...packages]);
    mkdirSync(join(folder, 'complete'));
  }
  return python;
}

/** The peer's results, as they arrive. Throws Error with one line where it cannot run. */
export async function* runPeer(folder, { trials, seeds, first, smooth }) {
  const args = [script, folder, trials, seeds, first, smooth ? 'smooth' : 'nearest'].map(String);
  const child = spawn(environment(), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}
