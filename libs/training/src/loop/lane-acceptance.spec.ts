import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DataSource } from '@unroll/datasets';
import { everyCodePath } from '../testing/for-each-engine';
import type { Engine } from '../backends/engine/engine';
import type { LaneReport, LaneRequest, LaneResult } from './lane-request';
import { train } from './train';

const text: DataSource = {
  kind: 'text',
  bytes: Buffer.from('the quick brown fox jumps over the lazy dog. '.repeat(6)),
};

/** A trial of its own in all that lanes may differ in. */
const makeSpec = (seed: number, changes: object = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'fox' },
    task: 'language-model',
    model: { cell: 'lstm', hiddenSize: 5 + 4 * seed, embeddingSize: 8, dropout: 0.05 * seed, layers: 2 },
    training: {
      ...{ bptt: 6, batchSize: 3, updates: 4 + (seed % 3), reportEvery: 3, seed, learningRate: 0.004 * seed },
      ...{ clipNorm: seed % 2 ? 1 : null, l2: 1e-4 * seed, schedule: { kind: 'cosine' }, ...changes },
    },
  });

type Curves = Record<string, { result: Partial<LaneResult>; reports: LaneReport[] }>;

/** What each trial gave but for its times. */
async function trainCurves(
  engine: Engine,
  lanes: LaneRequest[],
  arrivals?: () => readonly LaneRequest[],
): Promise<Curves> {
  const { data } = prepare(text, lanes[0]!.spec);
  const reports: Record<string, LaneReport[]> = {};
  const results = await train(lanes, data, {
    engine,
    sampleLength: 8,
    ...(arrivals ? { arrivals } : {}),
    onReport: (report) => void (reports[report.id] ??= []).push(report),
  });
  return Object.fromEntries(
    results.map(({ seconds: _seconds, validationSeconds: _validation, stepsPerSecond: _pace, ...result }) => [
      result.id,
      { result, reports: reports[result.id] ?? [] },
    ]),
  );
}

/** Five lanes and one that comes later: none of a size that fills its bucket, one of them astray from the start. */
const lanes = [1, 2, 3, 4, 5].map((seed): LaneRequest => ({ id: String(seed), spec: makeSpec(seed) }));
const astray = { id: '4', spec: makeSpec(4, { divergence: { norm: 1e-9 } }) };
const late = { id: '8', spec: makeSpec(6, { seed: 80, updates: 4 }) };

describe.each(everyCodePath.filter(({ name }) => name !== 'cpu'))('lanes on $label', ({ open }) => {
  it('of unequal sizes, one diverging and one refilled, are bit for bit the same as alone', async () => {
    const engine = await open();
    const all = lanes.map((lane) => (lane.id === '4' ? astray : lane));
    let updates = 0;
    // The lane that went astray has left by then.
    const together = await trainCurves(engine, all, () => (++updates === 3 ? [late] : []));
    expect(together['4']!.result).toMatchObject({ state: 'diverged', updates: 1 });
    for (const lane of [...all, late]) {
      const alone = await trainCurves(engine, [lane]);
      expect(together[lane.id]).toEqual(alone[lane.id]);
      if (lane.id !== '4') expect(alone[lane.id]!.result.state).toBe('completed');
    }
  });
});
