// npm run faults -- WHICH | all [--full] [--hours N] [--seed N] [--json]: goes through one scenario of what must never lose a result, and
// prints its figure. npm run faults -- check FILE: checks a history that a scenario wrote.
import { readFileSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { prepare } from '../../apps/cli/bin/prepare.mjs';
import checker from '../history/checker.cjs';
import { closeSharedServers } from './support/fleet.mjs';

const folder = new URL('.', import.meta.url);
const scenarios = readdirSync(folder)
  .filter((file) => /^\d+-.*\.fault\.mjs$/.test(file))
  .sort();
const nameOf = (file) => /^\d+-(.*)\.fault\.mjs$/.exec(file)[1];

function refuse() {
  const names = scenarios.map((file) => `${Number.parseInt(file, 10)} (${nameOf(file)})`).join(', ');
  console.error(
    `npm run faults -- WHICH[,WHICH] [--full] [--hours N] [--seed N] [--json], where WHICH is all, or the number or name of one of: ${names}
npm run faults -- check FILE checks a history`,
  );
  process.exit(2);
}

/** What was asked for; anything else is refused. */
function readArguments() {
  const number = (text) => (text === undefined ? undefined : Number(text) > 0 ? Number(text) : refuse());
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        full: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        hours: { type: 'string' },
        seed: { type: 'string' },
        simulated: { type: 'boolean' },
      },
    });
    return { ...values, hours: number(values.hours), seed: number(values.seed), positionals };
  } catch {
    return refuse();
  }
}

const { positionals, json, ...options } = readArguments();
const [which = '', file, ...others] = positionals;
if (others.length > 0 || (file !== undefined) !== (which === 'check')) refuse();
if (which === 'check') {
  const events = readFileSync(file, 'utf8').trim().split('\n');
  const { violations, written, acknowledged } = checker.check(events.map((line) => JSON.parse(line)));
  for (const { rule, what, event } of violations) console.log(`${rule}: ${what}\n   ${JSON.stringify(event)}`);
  console.log(`${written} rows written and ${acknowledged} answers: ${violations.length} violations`);
  process.exit(violations.length > 0 ? 1 : 0);
}
const wanted = which.split(',');
const isWanted = (each) => wanted.includes(String(Number.parseInt(each, 10))) || wanted.includes(nameOf(each));
// Those that only run for hours are asked for by name.
const chosen = which === 'all' ? scenarios.filter((each) => nameOf(each) !== 'soak') : scenarios.filter(isWanted);
if (chosen.length === 0) refuse();
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
      result.figure = await scenario(options);
    } catch (error) {
      failed += 1;
      Object.assign(result, { state: 'FAILED', figure: error.message });
    }
  result.seconds = Math.round((performance.now() - began) / 100) / 10;
  if (json) console.log(JSON.stringify(result));
  else console.log(`${number}. ${title}: ${result.state} in ${result.seconds} s\n   ${result.figure}`);
}
await closeSharedServers();
process.exit(failed ? 1 : 0);
