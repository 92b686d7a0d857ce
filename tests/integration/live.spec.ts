import { liveEvents, rest } from '@unroll/contracts';
import { changesAfter, changesBegin, forgetChanges, renewLeases, type ChangeNumber } from '@unroll/database';
import type { DataSource } from 'typeorm';
import { openApi, useApi } from '../support/api';
import { finish } from '../support/board';
import { useDatabase } from '../support/database';
import { readEvents, type Reader } from '../support/events';
import { smallSweep, writeSweep } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase();
const api = useApi(dataSource);

const readers: Reader[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});
async function open(path: string, headers: Record<string, string> = {}): Promise<Reader> {
  const reader = await readEvents(api, path, headers);
  readers.push(reader);
  return reader;
}

const sweepOf = (trials: number): Promise<string> => writeSweep(dataSource, smallSweep({ search: { trials } }));
const trialsOf = async (sweepId: string): Promise<string[]> =>
  (await dataSource.query('select id from trials where sweep_id = $1 order by number', [sweepId])).map(
    ({ id }: any) => id,
  );
const touch = (id: string, updates: number, on: Pick<DataSource, 'query'> = dataSource): Promise<unknown> =>
  on.query('update trials set updates = $2 where id = $1', [id, updates]);

/** A change is visible once every older transaction of the database has ended. */
async function changesVisible(): Promise<void> {
  const [{ last }] = await dataSource.query('select pg_current_xact_id()::text as last');
  await until(async () => {
    const [{ oldest }] = await dataSource.query('select ended_before()::text as oldest');
    return BigInt(oldest) > BigInt(last);
  });
}

describe('the live channel', () => {
  it('starts with a reset, then sends the state of trials, their sweep and workers', async () => {
    const id = await sweepOf(2);
    const reader = await open('/v1/events');
    expect(await reader.first(() => true)).toMatchObject({ event: 'reset', id: expect.stringMatching(/^\d+\.0$/) });
    await finish(dataSource, id, ({ configuration }) => 5 + configuration);
    const worker = { id: 'w1', host: 'here', pid: 1, trainers: [2], engine: 'cpu', device: 'cpu', lanes: 4, slots: 1 };
    await renewLeases(dataSource, [], 20, { ...worker, memoryUsed: 10, memoryTotal: 100, stepsPerSecond: 7.5 });
    const ended = await reader.first(({ event, data }) => event === 'sweep' && data.state === 'completed');
    expect(rest.sweepView.parse(ended.data)).toEqual(ended.data);
    expect(ended.data).toMatchObject({ id, trials: { completed: 2 }, best: { value: 5 } });
    const values = reader.events.filter(({ event, data }) => event === 'trial' && data.state === 'completed');
    expect(new Set(values.map(({ data }) => data.value))).toEqual(new Set([5, 6]));
    const seen = await reader.first(({ event }) => event === 'worker');
    expect(rest.workerView.parse(seen.data)).toEqual(seen.data);
    expect(seen.data).toMatchObject({ id: 'w1', memory: { used: 10, total: 100 }, stepsPerSecond: 7.5, slots: 1 });
    await dataSource.query('delete from workers');
    expect((await reader.first(({ data }) => data.gone)).data).toEqual({ id: 'w1', gone: true });
    expect(reader.events.every(({ event }) => (liveEvents as readonly string[]).includes(event))).toBe(true);
  });

  it('of a sweep sends nothing about others, and reports its deletion', async () => {
    const [id, other] = [await sweepOf(1), await sweepOf(1)];
    const reader = await open(`/v1/sweeps/${id}/events`);
    await reader.first(() => true);
    await touch((await trialsOf(other))[0]!, 1);
    await touch((await trialsOf(id))[0]!, 2);
    await reader.first(({ event, data }) => event === 'trial' && data.updates === 2);
    await dataSource.query('delete from sweeps where id = $1', [id]);
    expect((await reader.first(({ data }) => data.gone)).data).toEqual({ id, gone: true });
    expect(JSON.stringify(reader.events)).not.toContain(other);
  });

  it('sends a reconnecting client what it missed, each item once, in its current state', async () => {
    const id = await sweepOf(3);
    const [one, two] = await trialsOf(id);
    const before = await open(`/v1/sweeps/${id}/events`);
    await touch(one!, 1);
    await before.first(({ event }) => event === 'sweep');
    const last = before.lastId()!;
    await before.close();
    // Together: the stream that was just closed may still be reading, and readers of one place share what it finds.
    await dataSource.transaction(async (manager) => {
      for (const updates of [2, 3, 4]) await touch(one!, updates, manager);
      await touch(two!, 9, manager);
    });
    await changesVisible();
    for (const [path, headers] of [
      [`/v1/sweeps/${id}/events?after=${last}`, {}],
      ['/v1/events', { 'last-event-id': last }],
    ] as const) {
      const reader = await open(path, headers);
      await reader.first(({ event }) => event === 'sweep');
      const trials = reader.events.filter(({ event }) => event === 'trial').map(({ data }) => [data.id, data.updates]);
      expect(new Map(trials as never)).toEqual(
        new Map([
          [one, 4],
          [two, 9],
        ]),
      );
      expect(trials).toHaveLength(2);
      expect(reader.events.some(({ event }) => event === 'reset')).toBe(false);
    }
  });

  it('loses nothing of a transaction that began before others and commits after them', async () => {
    const id = await sweepOf(3);
    const [early, late] = await trialsOf(id);
    const reader = await open(`/v1/sweeps/${id}/events`);
    const begin = await changesBegin(dataSource);
    const slow = dataSource.createQueryRunner();
    await slow.startTransaction();
    await touch(early!, 7, slow);
    await touch(late!, 8);
    const seen = (from: ChangeNumber) => changesAfter(dataSource, from, 100, { sweepId: id });
    // Committed changes wait for older transactions: a reader that went past one would never see it.
    expect(await seen(begin)).toEqual([]);
    await slow.commitTransaction();
    await slow.release();
    await changesVisible();
    // An older transaction may have been open when the test began: the sweep's own insertion then counts as later.
    const both = (await seen(begin)).filter(({ kind }) => kind === 'trial');
    expect(both.map((change) => change.id)).toEqual([early, late]);
    expect(BigInt(both[0]!.xid)).toBeLessThan(BigInt(both[1]!.xid));
    await reader.first(({ event, data }) => event === 'trial' && data.id === early && data.updates === 7);
    await reader.first(({ event, data }) => event === 'trial' && data.id === late && data.updates === 8);
  });

  it('delivers every change of concurrent writers to readers that are disconnected again and again', async () => {
    const id = await sweepOf(24);
    const trials = await trialsOf(id);
    const told = new Map<string, number>();
    let after: string | undefined;
    let writing = true;
    const write = Promise.all(
      [0, 1, 2].map(async (writer) => {
        for (let round = 1; round <= 30; round += 1)
          for (let place = writer; place < trials.length; place += 6)
            await dataSource.transaction(async (manager) => {
              await touch(trials[place]!, round, manager);
              await touch(trials[place + 3]!, round, manager);
            });
      }),
    ).finally(() => (writing = false));
    for (let cuts = 0; writing || cuts < 3; cuts += 1) {
      const reader = await open(`/v1/sweeps/${id}/events${after === undefined ? '' : `?after=${after}`}`);
      await reader.first(() => true);
      if (!writing) await until(() => reader.events.some(({ event }) => event === 'sweep') || cuts > 0);
      await reader.close();
      for (const { event, data } of reader.events) if (event === 'trial') told.set(data.id, data.updates);
      after = reader.lastId() ?? after;
    }
    await write;
    const reader = await open(`/v1/sweeps/${id}/events?after=${after}`);
    await until(() => {
      for (const { event, data } of reader.events) if (event === 'trial') told.set(data.id, data.updates);
      return trials.every((trial) => told.get(trial) === 30);
    });
  });

  it('announces a sweep at most four times a second, however fast it changes', async () => {
    const id = await sweepOf(2);
    const [trial] = await trialsOf(id);
    const opened = performance.now();
    const reader = await open(`/v1/sweeps/${id}/events`);
    await reader.first(() => true);
    const began = performance.now();
    let updates = 0;
    while (performance.now() - began < 1500) await touch(trial!, (updates += 1));
    await reader.first(({ event, data }) => event === 'trial' && data.updates === updates);
    const announced = reader.events.filter(({ event }) => event === 'sweep').map(({ at }) => at);
    expect(updates).toBeGreaterThan(20);
    expect(announced.length).toBeGreaterThan(2);
    // However late the first ones arrive, all were sent after the stream was opened, and before the last one arrived.
    expect(announced.length).toBeLessThanOrEqual(1 + (announced.at(-1)! - opened) / 240);
  });

  it('sends a reset if the missed changes are no longer stored', async () => {
    const id = await sweepOf(2);
    const [trial] = await trialsOf(id);
    const first = await changesBegin(dataSource);
    await touch(trial!, 1);
    await changesVisible();
    const [change] = await changesAfter(dataSource, first, 1, { sweepId: id });
    const after = `${change!.xid}.${change!.sequence}`;
    await touch(trial!, 2);
    await dataSource.query(`update changes set at = at - interval '2 hours'`);
    await touch(trial!, 3);
    await forgetChanges(dataSource.manager, 3600);
    const reader = await open(`/v1/sweeps/${id}/events?after=${after}`);
    expect((await reader.first(() => true)).event).toBe('reset');
    const [{ count }] = await dataSource.query('select count(*)::integer as count from changes');
    expect(count).toBeLessThan(8);
    // What is kept is enough for a reader that has seen the last forgotten change.
    const [kept] = await dataSource.query('select xid, sequence from changes order by xid, sequence limit 1');
    const other = await open(`/v1/sweeps/${id}/events?after=${kept.xid}.${kept.sequence}`);
    expect((await other.first(() => true)).data).toMatchObject({ id: trial, updates: 3 });
  });

  it.each([
    ['/v1/events?after=yesterday', 422],
    ['/v1/events?since=1.1', 422],
    ['/v1/sweeps/nosuchid/events', 404],
  ])('refuses %s', async (path, status) => {
    const response = await api.call(path);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  it('requires the key', async () => {
    expect((await fetch(`${api.url}/v1/events`)).status).toBe(401);
  });

  it('ends at once when the server stops', async () => {
    const other = await openApi(dataSource.url);
    const reader = await readEvents(other, '/v1/events');
    await reader.first(() => true);
    const began = performance.now();
    await other.close();
    await reader.ended;
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
