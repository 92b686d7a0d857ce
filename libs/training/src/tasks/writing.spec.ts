import { cellNames, trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DatasetBytes } from '@unroll/datasets';
import { openEngine } from '../backends/open-engine';
import type { LaneReport, LaneResult } from '../loop/lane-request';
import { train } from '../loop/train';

const many = <Row>(count: number, row: (index: number) => Row): Row[] =>
  Array.from({ length: count }, (_, index) => row(index));
const pairs = (rows: readonly string[]): DatasetBytes => ({ kind: 'pairs', bytes: Buffer.from(rows.join('\n')) });
const backwards = pairs(
  many(40, (index) => {
    const text = many(2 + (index % 5), (step) => 'abcd'[(index * 3 + step * step) % 4]!);
    return `${text.join('')}\t${text.toReversed().join('')}`;
  }),
);

const makeSpec = ({ task, model, training }: { task?: object; model?: object; training?: object } = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a', split: { validation: 0.15 } },
    task: { kind: 'sequence-to-sequence', ...task },
    model: { cell: 'lstm', hiddenSize: 10, embeddingSize: 4, layers: 2, ...model },
    training: { batchSize: 6, updates: 3, reportEvery: 2, learningRate: 0.01, seed: 1, ...training },
  });

async function run(
  specs: readonly TrialSpec[],
  source = backwards,
): Promise<{ results: LaneResult[]; reports: LaneReport[][] }> {
  const reports: LaneReport[][] = specs.map(() => []);
  const results = await train(
    specs.map((spec, index) => ({ id: String(index), spec })),
    prepare(source, specs[0]!).data,
    {
      engine: await openEngine('native'),
      onReport: (report) => void reports[Number(report.id)]!.push(report),
    },
  );
  return { results, reports };
}

const variants: [string, Parameters<typeof makeSpec>[0]][] = [
  ['an encoder in two directions', { model: { bidirectional: true } }],
  ['dropout', { model: { dropout: 0.3, recurrentDropout: 0.2 } }],
  ['a learned start', { model: { learnedInitialState: true } }],
  ['scheduled sampling', { training: { teacherForcing: 0.5 } }],
  ['scheduled sampling that falls', { training: { teacherForcing: { from: 0.9, to: 0.2 } }, model: { dropout: 0.2 } }],
  ['a window', { training: { bptt: 3 } }],
  ['a window and scheduled sampling', { training: { bptt: 3, teacherForcing: 0.6 } }],
  ['a wide beam', { task: { beamWidth: 4, attention: 'dot' } }],
];

/** The cells of which an encoder may run in two directions. */
const bidirectional = cellNames.filter((cell) => {
  const spec = { ...makeSpec(), model: { cell, hiddenSize: 6, embeddingSize: 4, bidirectional: true } };
  return trialSpec.safeParse(spec).success;
});

describe('a sequence written from another', () => {
  let plain: Awaited<ReturnType<typeof run>>;
  beforeAll(async () => {
    plain = await run([makeSpec()]);
  });

  it.each(variants)('with %s is the same alone and among others, each time, and not as without', async (_, changes) => {
    const own = makeSpec(changes);
    const training = { ...changes!.training, seed: 8, learningRate: 0.3, updates: 2 };
    const other = makeSpec({ ...changes, training });
    const alone = await run([own]);
    expect(alone.reports[0]!.at(-1)!.metrics).not.toEqual(plain.reports[0]!.at(-1)!.metrics);
    const among = await run([other, own]);
    expect(among.reports[1]).toEqual(alone.reports[0]!.map((report) => ({ ...report, id: '1' })));
    expect(among.results[1]!.weights).toEqual(alone.results[0]!.weights);
  });

  // Some have a state that is wider than their output, or several of other widths.
  it.each(bidirectional)('begins with all states of an encoder of %s in two directions', async (cell) => {
    const spec = makeSpec({ model: { cell, layers: 1, bidirectional: true, hiddenSize: 6 }, training: { updates: 1 } });
    const { results } = await run([spec]);
    expect(results[0]!.state).toBe('completed');
  });

  it('is learned step by step as all at once, if nearly every right token is read', async () => {
    const [atOnce, stepwise] = await Promise.all(
      [1, 1 - 1e-7].map((teacherForcing) =>
        run([makeSpec({ training: { teacherForcing, updates: 8, reportEvery: 4 } })]),
      ),
    );
    const losses = [atOnce, stepwise].map((each) => each!.reports[0]!.map(({ metrics }) => metrics['train.loss']!));
    losses[1]!.forEach((loss, index) => expect(loss).toBeCloseTo(losses[0]![index]!, 4));
  });

  it('has a loss that weighs all tokens equally, including the end', async () => {
    const spec = makeSpec({ training: { updates: 1, reportEvery: 1, learningRate: 1e-30 } });
    const { reports } = await run([spec]);
    // Before it has learned anything, a network gives every symbol about the same probability.
    const symbols = 3 + 4;
    expect(reports[0]![0]!.metrics['validation.loss']).toBeCloseTo(Math.log(symbols), 0);
  });

  it('is shown in reports as a line that it writes', async () => {
    const { reports } = await run([makeSpec({ training: { updates: 30, reportEvery: 30, learningRate: 0.03 } })]);
    expect(reports[0]![0]!.sample).toMatch(/^[abcd]+$/);
  });

  it('is right if it is the same sequence, and an out-of-vocabulary word is never right', async () => {
    // One word of the held-out targets is unknown, whatever is written there.
    const rows = many(40, (index) => `go ${index % 2 ? 'up' : 'down'}\t${index % 2 ? 'haut' : `bas rare${index}`}`);
    const spec = makeSpec({
      task: { tokens: 'word' },
      model: { hiddenSize: 16, layers: 1 },
      training: { updates: 100, reportEvery: 100, learningRate: 0.04 },
    });
    const { reports } = await run([spec], pairs(rows));
    const { metrics } = reports[0]![0]!;
    // It has learned to write <unknown> there, which is what stands in the target; as text it is no match.
    expect(metrics['validation.bleu']).toBeLessThan(100);
    expect(metrics['validation.accuracy']).toBeGreaterThan(0);
  });
});
