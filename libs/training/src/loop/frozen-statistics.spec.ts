import { labelled, makeSpec, many, trained, wordRows } from '../testing/models.fixture';

/** The same rows in both parts, so that a validation measures what the next update learns from. */
const rows = ['train', 'validation'].flatMap((part) => wordRows.slice(0, 20).map((row) => ({ ...row, part })));

describe('frozen running statistics', () => {
  const spec = (freeze: string[]) =>
    makeSpec(
      { kind: 'classification' },
      {
        dataset: { split: {} },
        model: { cell: 'lstm', batchNorm: true, layers: 2 },
        training: { batchSize: 32, updates: 6, reportEvery: 1, learningRate: 0.05, freeze, bptt: 'full' },
      },
    );

  it.each([[['recurrent']], [['recurrent', 'embedding']]])(
    'normalise in training too where %j are frozen: the same network learns and answers',
    async (freeze) => {
      const { reports } = await trained(labelled(rows), [spec(freeze)]);
      const metrics = many(6, (at) => reports[0]![at]!.metrics);
      metrics
        .slice(1)
        .forEach((each, at) => expect(each['train.loss']).toBeCloseTo(metrics[at]!['validation.loss']!, 5));
    },
  );

  it('normalise in training too in a language model', async () => {
    // Every window is the same.
    const source = { kind: 'text', bytes: Buffer.from('abcd'.repeat(51).slice(0, 201)) } as const;
    const training = { batchSize: 1, bptt: 8, stateful: false, updates: 4, reportEvery: 1, freeze: ['recurrent'] };
    const split = { validation: 41 };
    const { reports } = await trained(source, [
      makeSpec('language-model', { dataset: { split }, model: { batchNorm: true }, training }),
    ]);
    const metrics = many(4, (at) => reports[0]![at]!.metrics);
    metrics.slice(1).forEach((each, at) => expect(each['train.loss']).toBeCloseTo(metrics[at]!['validation.loss']!, 5));
  });

  it('are those of the batch where they are not', async () => {
    const { reports } = await trained(labelled(rows), [spec(['embedding'])]);
    expect(
      Math.abs(reports[0]![1]!.metrics['train.loss']! - reports[0]![0]!.metrics['validation.loss']!),
    ).toBeGreaterThan(1e-3);
  });
});
