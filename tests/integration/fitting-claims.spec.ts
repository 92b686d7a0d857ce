import type { LaneNeeds } from '@unroll/contracts';
import {
  claimableWork,
  claimTrials,
  forgetWorker,
  noteNeeds,
  waitingSweeps,
  type Claim,
  type Claimant,
} from '@unroll/database';
import { Claims } from '../../apps/worker/src/claims';
import { GroupRun } from '../../apps/worker/src/group-run';
import { claimant } from '../support/attempts';
import { useDatabase } from '../support/database';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase({ clear: true });

describe('a network that not every worker can hold', () => {
  const gigabyte = 1e9;
  beforeEach(async () => {
    for (const table of ['workers', 'departed_memory', 'signature_memory'])
      await dataSource.query(`delete from ${table}`);
  });
  const perClass = (bytes: number): LaneNeeds['bytes'] => ({ kernels: bytes, composite: bytes, wgsl: bytes });
  const small = {
    ...claimant,
    workerId: 'small',
    memoryClass: 'kernels',
    room: 16 * gigabyte,
    laneRoom: 12 * gigabyte,
  } as const;
  const large = {
    ...claimant,
    workerId: 'large',
    memoryClass: 'wgsl',
    room: 80 * gigabyte,
    laneRoom: 64 * gigabyte,
  } as const;
  const join = ({
    workerId,
    memoryClass,
    room,
  }: Pick<Claimant, 'workerId' | 'memoryClass' | 'room'>): Promise<unknown> =>
    dataSource.query(
      `insert into workers (id, host, pid, trainers, engine, device, lanes, slots, memory_class, room) values ($1, 'here', 1, '{}', 'cpu', 'cpu', 4, 1, $2, $3)`,
      [workerId, memoryClass ?? null, room ?? null],
    );
  const writeMixed = async (): Promise<{ lstm: string; sweepId: string }> => {
    const sweepId = await writeSweep(
      dataSource,
      smallSweep({ model: { cell: { grid: ['lstm', 'rnn'] }, hiddenSize: 8 } }),
    );
    const [{ signature }] = await dataSource.query(
      `select signature from trials where spec->'model'->>'cell' = 'lstm' limit 1`,
    );
    await noteNeeds(dataSource, signature, { bytes: perClass(40 * gigabyte), least: perClass(20 * gigabyte) });
    return { lstm: signature, sweepId };
  };
  const cellOf = (claim: Claim | undefined): unknown => claim?.trials[0]!.spec.model.cell;

  it('is left to a worker that can, also by a ticket, while the smaller one gets what it can hold', async () => {
    const { lstm: signature, sweepId } = await writeMixed();
    await join(small);
    await join(large);
    expect(cellOf(await claimTrials(dataSource, small, { sweepId, signature }))).toBe('rnn');
    expect(await claimTrials(dataSource, small)).toBeUndefined();
    expect(cellOf(await claimTrials(dataSource, large))).toBe('lstm');
  });

  it('is in the next sweep that a smaller worker takes from, if there is nothing else in this one', async () => {
    await writeMixed();
    await join(large);
    expect(cellOf(await claimTrials(dataSource, small))).toBe('rnn');
    const next = await writeSweep(dataSource);
    expect(await claimTrials(dataSource, small)).toMatchObject({ sweepId: next });
  });

  it('is claimed with no more lanes than the memory holds', async () => {
    const { lstm: signature, sweepId } = await writeMixed();
    for (const [laneRoom, lanes] of [
      [64 * gigabyte, 1],
      [100 * gigabyte, 2],
    ] as const)
      expect((await claimTrials(dataSource, { ...large, laneRoom }, { sweepId, signature }))!.trials).toHaveLength(
        lanes,
      );
  });

  it('waits for a day after the last such worker has left, with tickets for nobody, and then goes to anyone', async () => {
    const { lstm, sweepId } = await writeMixed();
    await join(small);
    await join(large);
    const tickets = async (): Promise<boolean> =>
      (await claimableWork(dataSource.manager, 64, 30)).some(({ signature }) => signature === lstm);
    const waiting = async (): Promise<unknown> =>
      (await waitingSweeps(dataSource, 'local', { sweepId, limit: 1, seconds: 30 }))[0]!.tooLarge;
    expect([await tickets(), await waiting()]).toEqual([true, { trials: 0, least: null, largest: 80 * gigabyte }]);
    await forgetWorker(dataSource, 'large');
    expect([await tickets(), await waiting()]).toEqual([
      false,
      { trials: 4, least: 20 * gigabyte, largest: 16 * gigabyte },
    ]);
    expect(cellOf(await claimTrials(dataSource, small))).toBe('rnn');
    expect(await claimTrials(dataSource, small)).toBeUndefined();
    await dataSource.query(`update departed_memory set left_at = left_at - interval '1 day'`);
    expect([await tickets(), await waiting()]).toEqual([true, { trials: 0, least: null, largest: 16 * gigabyte }]);
    expect(cellOf(await claimTrials(dataSource, small))).toBe('lstm');
  });

  it('fails at once if no worker can hold it, and goes back if another may', async () => {
    const traces = { released: () => undefined } as never;
    const claims = new Claims({ id: 'small', leave: {} } as never, dataSource, traces);
    await writeSweep(dataSource);
    const claim = (await claimTrials(dataSource, small))!;
    const needs = { bytes: perClass(40 * gigabyte), least: perClass(20 * gigabyte) };
    await join(small);
    expect(await claims.leaveToOthers(new GroupRun(claim), needs, 'too large')).toBe(false);
    // A worker whose memory is not known may hold it.
    await join({ workerId: 'unknown' });
    expect(await claims.leaveToOthers(new GroupRun(claim), needs, 'too large')).toBe(true);
    expect(await claimTrials(dataSource, small)).toBeUndefined();
    expect(await claimTrials(dataSource, { ...claimant, workerId: 'unknown' })).toMatchObject({
      signature: claim.signature,
    });
  });
});
