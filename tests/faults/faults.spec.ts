import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Each with a fault that no other spec has. `npm run faults -- all` runs all scenarios, `--full` at full size. */
const scenarios: [number, string][] = [
  [1, 'nothing is lost while workers and trainers are killed again and again'],
  [2, 'a trial whose trainer and worker were killed ends with the same curve and weights, bit for bit'],
  [14, 'a worker that receives SIGTERM writes checkpoints, releases its trials and exits within 10 seconds'],
  [15, '200 hostile specs are refused in little time and memory, and nothing is written'],
];
/** They take long, or their faults are also in integration specs (committer, populations) or in the first two. */
const others: [number, string][] = [
  [21, 'random schedules of what workers, schedulers and users do, with kills and clock jumps, keep every invariant'],
  [
    7,
    'results that arrive while PostgreSQL is down for longer than a lease are all committed, and none is trained again',
  ],
  [16, 'another API leads within 10 seconds after one is stopped or killed, and the old one writes nothing'],
  [4, 'a committed result is not trained again if the worker crashed before it learned of the commit'],
  [27, 'a claim that a crash of PostgreSQL undoes costs no result, and its worker writes nothing'],
  [20, 'a population whose workers are killed makes the same decisions and ends with the same curves, bit for bit'],
];
const tested = process.env.UNROLL_TEST_ALL ? [...scenarios, ...others] : scenarios;

interface Result {
  number: number;
  state: 'held' | 'skipped' | 'FAILED';
  figure: string;
}

const results = new Map<number, Result>();

beforeAll(async () => {
  const numbers = tested.map(([number]) => number).join(',');
  const child = spawn(process.execPath, [join(__dirname, 'run.mjs'), numbers, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  for (const line of text.trim().split('\n')) {
    const result = JSON.parse(line) as Result;
    results.set(result.number, result);
  }
}, 600_000);

it.each(tested)('%s: %s', (number) => {
  const { state, figure } = results.get(number)!;
  // In one string, so that a failure prints its reason.
  expect(`${state}: ${figure}`).toMatch(/^held: .*\d/);
});
