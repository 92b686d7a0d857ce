// Optuna on the same tables.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { optunaPeer, pythonWith } from '../python-environment.mjs';

const script = fileURLToPath(new URL('../peers/optuna_tables.py', import.meta.url));

/** The peer's results, as they arrive. Throws Error with one line where it cannot run. */
export async function* runPeer(folder, { trials, seeds, first, smooth }) {
  const args = [script, folder, trials, seeds, first, smooth ? 'smooth' : 'nearest'].map(String);
  const child = spawn(pythonWith(optunaPeer), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}
