import { randomInt } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import pg from 'pg';
import { administer, openTemplate } from '../history/databases.mjs';
import { runSchedule } from '../history/schedule.mjs';
import { temporaryFolder } from '../support/servers.cjs';
import { sharedServers } from './support/fleet.mjs';

const require = createRequire(import.meta.url);
const { writeHistory } = require('../history/recorder.cjs');

export const title =
  'random schedules of claims, reports, results, kills, cut connections and clock jumps, checked by their histories';

/** Steps of one schedule: about 3,000 statements. */
const steps = 2500;

/** Runs one schedule on a clone of the template. */
export async function schedule(adminUrl, template, seed, changes) {
  const name = `schedule_${process.pid}_${seed}_${randomInt(2 ** 31)}`;
  await administer(adminUrl, `create database ${name} template ${template}`);
  // A crash of the server is not among these faults: commits need not reach the disk.
  await administer(adminUrl, `alter database ${name} set synchronous_commit = off`);
  const url = adminUrl.replace(/[^/]*$/, name);
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // Where the database is dropped before the server has seen the end of this connection, it says so.
  pool.on('error', () => undefined);
  const query = async (text, values) => (await pool.query(text, values)).rows;
  try {
    return await runSchedule({ url, name, query, seed, steps, changes });
  } finally {
    await pool.end();
    await administer(adminUrl, `drop database ${name} with (force)`);
  }
}

/** `seed`: the first of the schedules; `seconds`: how long new ones are begun. */
export default async ({ full, hours, seed: given }) => {
  const seconds = hours ? hours * 3600 : full ? 120 : 12;
  const { postgres } = await sharedServers();
  const template = await openTemplate(postgres.url);
  const first = given ?? randomInt(2 ** 31);
  const until = performance.now() + seconds * 1000;
  const sum = { schedules: 0, statements: 0, written: 0, acknowledged: 0 };
  for (let seed = first; sum.schedules === 0 || performance.now() < until; seed += 1) {
    const found = await schedule(postgres.url, template, seed);
    sum.schedules += 1;
    for (const key of ['statements', 'written', 'acknowledged']) sum[key] += found[key];
    if (found.violations.length === 0) continue;
    const file = join(temporaryFolder(), `schedule-${seed}.jsonl`);
    writeHistory(file, found.history);
    const [{ rule, what }] = found.violations;
    throw new Error(
      `seed ${seed} (--seed ${seed}): ${rule}: ${what}; ${found.violations.length} violations, history in ${file}`,
    );
  }
  const from = `seeds ${first} to ${first + sum.schedules - 1}`;
  return (
    `${sum.schedules} schedules (${from}) of ${sum.statements} statements: ${sum.written} rows written and ` +
    `${sum.acknowledged} answers checked, 0 violations`
  );
};
