import type { AttemptWork } from '@unroll/database';
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spool, SpoolFull } from './spool';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'unroll-spool-'));
});

const batch = (attemptId: string, values: number[] = [1]) => {
  const curves = [{ name: 'train.loss', updates: values.map((_, index) => index + 1), values }];
  const work: AttemptWork = {
    attemptId,
    trialId: 't',
    curves,
    value: 1,
    metrics: {},
    updates: 1,
    sample: null,
    diagnostics: [],
  };
  return { work: [work], baselines: [] };
};

/** Removes all batches. Returns their attempts, in order. */
async function drain(spool: Spool): Promise<string[]> {
  const attempts: string[] = [];
  for (let oldest; (oldest = await spool.oldest()); await spool.remove())
    attempts.push(...oldest.work.map(({ attemptId }) => attemptId));
  return attempts;
}

describe('a spool', () => {
  it('returns batches in order, including non-finite values, and leaves no file', async () => {
    const spool = new Spool(root);
    expect(spool.isEmpty).toBe(true);
    await spool.append(batch('a', [NaN, Infinity, -Infinity, 0.1 + 0.2]));
    await spool.append(batch('b'));
    expect(spool.isEmpty).toBe(false);
    expect((await spool.oldest())!.work[0]!.curves[0]!.values).toEqual([NaN, Infinity, -Infinity, 0.1 + 0.2]);
    expect(await drain(spool)).toEqual(['a', 'b']);
    expect(spool.isEmpty).toBe(true);
    expect(await readdir(root)).toEqual([]);
  });

  it('reads a batch that an earlier version left behind, whose names were others', async () => {
    const { work } = batch('a');
    const end = { trialState: 'completed', seconds: 1, message: null, checkpoint: 'a model', pictures: { units: 1 } };
    await mkdir(join(root, `${hostname()}.99999999`), { recursive: true });
    const old = { work: [{ ...work[0], end }], baselines: [{ board: 'key', name: 'mean', metrics: {} }] };
    await writeFile(join(root, `${hostname()}.99999999`, '1-1.json'), JSON.stringify(old));
    const spool = new Spool(root);
    expect(await spool.adopt()).toBe(1);
    const { work: read, baselines } = (await spool.oldest())!;
    expect(read[0]!.end).toEqual({
      ...{ trialState: 'completed', seconds: 1, message: null },
      ...{ model: 'a model', snapshots: { units: 1 } },
    });
    expect(baselines).toEqual([{ comparisonKey: 'key', name: 'mean', metrics: {} }]);
    await spool.remove();
  });

  it('refuses a batch beyond its limit, or that the disk does not accept, and keeps the others', async () => {
    const small = new Spool(root, 400);
    await small.append(batch('a'));
    await expect(small.append(batch('b', Array<number>(100).fill(1)))).rejects.toThrow(SpoolFull);
    expect(await drain(small)).toEqual(['a']);
    await writeFile(join(root, 'file'), '');
    await expect(new Spool(join(root, 'file')).append(batch('a'))).rejects.toThrow(SpoolFull);
  });

  it('adopts the batches of crashed processes of this machine, oldest first, but not those of running or foreign ones', async () => {
    const leave = async (owner: string, names: string[]) => {
      await mkdir(join(root, owner));
      for (const name of names) await writeFile(join(root, owner, `${name}.json`), JSON.stringify(batch(name)));
    };
    const dead = 2 ** 22 + 1; // above the largest process id of Linux
    await leave(`${hostname()}.${dead}`, ['000000000000002', '000000000000001']);
    await leave(`${hostname()}.${process.ppid}`, ['running']);
    await leave(`elsewhere.${dead}`, ['foreign']);
    const spool = new Spool(root);
    expect(await spool.adopt()).toBe(2);
    expect(await drain(spool)).toEqual(['000000000000001', '000000000000002']);
    expect((await readdir(root)).sort()).toEqual([`${hostname()}.${process.ppid}`, `elsewhere.${dead}`].sort());
  });

  it('skips a file that it cannot read', async () => {
    const owner = join(root, `${hostname()}.${2 ** 22 + 1}`);
    await mkdir(owner);
    await writeFile(join(owner, '1.json'), '{"work": [');
    await writeFile(join(owner, '2.json'), JSON.stringify(batch('whole')));
    const spool = new Spool(root);
    await spool.adopt();
    expect(await drain(spool)).toEqual(['whole']);
  });
});
