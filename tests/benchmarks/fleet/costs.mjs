// What each kind of call costs PostgreSQL: CPU time of the server's process, milliseconds a call. The clock would measure the machine's
// other work too.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { claimed } from '../metrics.bench.mjs';
import { openPostgres } from './servers.mjs';

const require = createRequire(import.meta.url);
const trials = 2_000;
const names = ['train.loss', 'validation.mse', 'validation.mae'];

/** CPU seconds of a process that its scheduler has counted, to the nanosecond. */
const processorTime = (pid) => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;

/** Prints what the kinds of call cost; `dist`: the folder of the build. */
export async function printCosts(dist) {
  const { commitWork, renewLeases, refreshReported } = require(join(dist, 'libs/database/src/index.js'));
  const postgres = await openPostgres(60);
  try {
    const { dataSource, claim } = await claimed(postgres.url, trials);
    // One connection: its process does all of the work.
    const runner = dataSource.createQueryRunner();
    await runner.connect();
    const [{ pid }] = await runner.query('select pg_backend_pid() as pid');
    const one = {
      query: (...asked) => runner.query(...asked),
      transaction: (work) => runner.manager.transaction(work),
    };
    const rows = [];
    const measure = async (what, count, work) => {
      await work(0);
      const before = processorTime(pid);
      for (let index = 1; index <= count; index += 1) await work(index);
      const each = (1000 * (processorTime(pid) - before)) / count;
      rows.push([what, each]);
      return each;
    };
    const worker = {
      ...{ id: 'w', host: 'h', pid: 1, trainers: [2], engine: 'none', device: 'none', lanes: 1, slots: 1 },
      ...{ memoryUsed: 1e8, memoryTotal: 1e9, stepsPerSecond: 10 },
    };
    const work = ({ attemptId, trialId }, update, changes = {}) => ({
      ...{ attemptId, trialId, value: 1 / update, metrics: { 'validation.mse': 1 / update }, updates: update },
      ...{ sample: null, diagnostics: [], judged: false },
      curves: names.map((name) => ({ name, updates: [update], values: [1 / update] })),
      ...changes,
    });
    const trialAt = (index) => claim.trials[index % 500];
    await measure('renewal of a lease that is not due, which writes nothing', 500, (index) =>
      renewLeases(one, [trialAt(index).attemptId], 20),
    );
    await measure('renewal of a lease that is due', 400, (index) =>
      renewLeases(one, [trialAt(index).attemptId], 9000 + 9000 * index),
    );
    await measure('sign of life of a worker', 500, (index) =>
      renewLeases(one, [], 20, { ...worker, id: `w${index % 100}`, stepsPerSecond: index }),
    );
    await measure('report of one trial, 3 curves', 1000, (index) => commitWork(one, [work(trialAt(index), 1 + index)]));
    const sixteen = (index) => claim.trials.slice(500, 516).map((trial) => work(trial, 1 + index));
    await measure('report of 16 trials in one batch', 200, (index) => commitWork(one, sixteen(index)));
    let since = await refreshReported(one, '0');
    let used = 0;
    for (let round = 0; round < 5; round += 1) {
      const reported = claim.trials.slice(0, 500).map((trial) => work(trial, 5000 + round));
      await commitWork(one, reported);
      const before = processorTime(pid);
      since = await refreshReported(one, since);
      used += processorTime(pid) - before;
    }
    rows.push(['refresh of leaderboards after reports of 500 trials', (1000 * used) / 5]);
    const end = { trialState: 'completed', seconds: 1, message: null, model: null };
    await measure('result of one trial', 400, (index) =>
      commitWork(one, [work(claim.trials[600 + index], 9000, { end })]),
    );
    await runner.release();
    await dataSource.destroy();
    console.log('| call | CPU of PostgreSQL, ms |\n| --- | --- |');
    for (const [what, each] of rows) console.log(`| ${what} | ${each.toFixed(2)} |`);
  } finally {
    await postgres.stop();
  }
}
