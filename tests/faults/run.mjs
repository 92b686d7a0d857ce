// npm run faults -- NUMBERS | all [--full] [--json]: goes through one scenario of what must never lose a result, and prints its figure.
import { readdirSync } from 'node:fs';
import { prepare } from '../../apps/cli/bin/prepare.mjs';
import { closeSharedServers } from './support/fleet.mjs';

const folder = new URL('.', import.meta.url);
const scenarios = readdirSync(folder)
  .filter((file) => /^\d+-.*\.fault\.mjs$/.test(file))
  .sort();
const [which, ...flags] = process.argv.slice(2);
const wanted = (which ?? '').split(',').map(Number);
const chosen = which === 'all' ? scenarios : scenarios.filter((file) => wanted.includes(Number.parseInt(file, 10)));
const unknown = flags.filter((flag) => !['--full', '--json'].includes(flag));
if (chosen.length === 0 || unknown.length > 0) {
  const numbers = scenarios.map((file) => Number.parseInt(file, 10)).join(', ');
  console.error(`npm run faults -- NUMBER[,NUMBER] [--full] [--json], where NUMBER is all or one of: ${numbers}`);
  process.exit(2);
}
await prepare({ quiet: true });

// What a scenario leaves behind that fails later is its own matter: the others go on.
process.on('unhandledRejection', (error) => console.error(String(error)));

let failed = 0;
for (const file of chosen) {
  const number = Number.parseInt(file, 10);
  const { default: scenario, title, skipped } = await import(new URL(file, folder));
  const began = performance.now();
  const result = { number, title, state: 'held', figure: '' };
  const reason = await skipped?.();
  if (reason) Object.assign(result, { state: 'skipped', figure: reason });
  else
    try {
      result.figure = await scenario({ full: flags.includes('--full') });
    } catch (error) {
      failed += 1;
      Object.assign(result, { state: 'FAILED', figure: error.message });
    }
  result.seconds = Math.round((performance.now() - began) / 100) / 10;
  if (flags.includes('--json')) console.log(JSON.stringify(result));
  else console.log(`${number}. ${title}: ${result.state} in ${result.seconds} s\n   ${result.figure}`);
}
await closeSharedServers();
process.exit(failed ? 1 : 0);
