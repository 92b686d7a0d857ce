import { changesAfter, changesBegin, claimTrials, commitWork, refreshReported } from '@unroll/database';
import { Client } from 'pg';
import { attemptWork, claimant } from '../support/attempts';
import { createDatabase, useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

const database = useDatabase();

/** What has a number of a transaction and keeps it until it is closed. */
async function writing(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query('begin');
  await client.query('select pg_current_xact_id()');
  return client;
}

describe('a transaction that lasts', () => {
  /** A report of a running trial, and whether the board and the live channel have it. */
  async function reported(): Promise<() => Promise<boolean>> {
    const sweepId = await writeSweep(database, smallSweep({ search: { trials: 1 } }));
    const { trials } = (await claimTrials(database, claimant, { sweepId, signature: '' }))!;
    const begin = await changesBegin(database);
    await commitWork(database, [attemptWork(trials[0]!, { value: 7 })]);
    return async () => {
      await refreshReported(database.manager, '0');
      const [row] = await database.query('select score from configurations where sweep_id = $1', [sweepId]);
      const changes = await changesAfter(database, begin, 100);
      return row?.score === 7 && changes.some(({ id }) => id === trials[0]!.trialId);
    };
  }

  it('holds up boards and the live channel if it is of this database', async () => {
    const other = await writing(database.url);
    try {
      const seen = await reported();
      expect(await seen()).toBe(false);
      await other.query('commit');
      await until(seen);
    } finally {
      await other.end();
    }
  });

  it('does not if it is of another database of the server', async () => {
    const other = await writing(await createDatabase({ empty: true }));
    try {
      await until(await reported());
      expect((await other.query('select pg_xact_status(pg_current_xact_id()) as now')).rows).toEqual([
        { now: 'in progress' },
      ]);
    } finally {
      await other.end();
    }
  });
});
