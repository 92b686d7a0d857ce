import { sweepSpec, validate, type SweepSpec } from '@unroll/contracts';
import { SweepSearch } from '../proposals/search';
import { computeImportance, importanceProblem, type FinishedOutcome } from './importance';

const sweep = (changes: Record<string, unknown>, trials = 1000): SweepSpec =>
  validate(sweepSpec, { dataset: 'x', task: 'language-model', search: { trials }, ...changes });

/** Sampled configurations of a sweep with the values of a function of their parameters. */
function sampleOutcomes(spec: SweepSpec, evaluate: (parameters: any) => number): FinishedOutcome[] {
  const configurations = new SweepSearch(spec).propose(0, spec.search.trials!);
  return configurations.map(({ parameters }) => ({ parameters, value: evaluate(parameters) }));
}

const three = {
  model: { dropout: { uniform: [0, 0.9] } },
  training: { l2: { uniform: [0, 1] }, learningRate: { logUniform: [1e-4, 1e-1] } },
};
const names = ['model.dropout', 'training.l2', 'training.learningRate'] as const;

/** The three parameters above, each uniform in [0, 1]. */
const unit = (parameters: any): [number, number, number] => [
  parameters['model.dropout'] / 0.9,
  parameters['training.l2'],
  (Math.log10(parameters['training.learningRate']) + 4) / 3,
];

const shares = (spec: SweepSpec, evaluate: (parameters: any) => number) => {
  const { items, interactions } = computeImportance(spec, sampleOutcomes(spec, evaluate));
  return { of: (name: string) => items.find(({ parameter }) => parameter === name)!.importance, interactions, items };
};

describe('the importance of parameters', () => {
  it('of a sum is the share of each term in the variance: 4 to 1 to 0', () => {
    const { of, interactions, items } = shares(sweep(three), (parameters) => {
      const [a, b] = unit(parameters);
      return 2 * a + b;
    });
    expect(Math.abs(of(names[0]) - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(of(names[1]) - 0.2)).toBeLessThan(0.03);
    expect(of(names[2])).toBeLessThan(0.01);
    expect(items.map(({ parameter }) => parameter)).toEqual([...names]);
    for (const { importance } of interactions) expect(importance).toBeLessThan(0.03);
  });

  it("of Ishigami's function matches the analytical values, including the interaction of the first and third", () => {
    // Ishigami and Homma 1990, a = 7, b = 0.1: 0.3139, 0.4424, 0 alone, 0.2437 for the first with the third.
    const { of, interactions } = shares(sweep(three), (parameters) => {
      const [a, b, c] = unit(parameters).map((each) => Math.PI * (2 * each - 1)) as [number, number, number];
      return Math.sin(a) + 7 * Math.sin(b) ** 2 + 0.1 * c ** 4 * Math.sin(a);
    });
    expect(Math.abs(of(names[0]) - 0.3139)).toBeLessThan(0.08);
    expect(Math.abs(of(names[1]) - 0.4424)).toBeLessThan(0.1);
    expect(of(names[2])).toBeLessThan(0.03);
    const [first] = interactions;
    expect(first!.parameters.toSorted()).toEqual(['model.dropout', 'training.learningRate']);
    expect(Math.abs(first!.importance - 0.2437)).toBeLessThan(0.08);
  });

  it('supports categories in any order, and integers', () => {
    const cells = ['rnn', 'lstm', 'gru', 'min-gru'];
    const spec = sweep({ model: { cell: { choice: cells }, hiddenSize: { int: [1, 4] } }, training: three.training });
    // Variances: of 0, 3, 0, 3: 2.25; of 1, 2, 3, 4: 1.25.
    const { of } = shares(
      spec,
      (parameters) => 3 * (cells.indexOf(parameters['model.cell']) % 2) + parameters['model.hiddenSize'],
    );
    expect(Math.abs(of('model.cell') - 2.25 / 3.5)).toBeLessThan(0.04);
    expect(Math.abs(of('model.hiddenSize') - 1.25 / 3.5)).toBeLessThan(0.04);
  });

  it('of a conditional parameter is separate from that of its option', () => {
    const spec = sweep({
      training: {
        optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.8] } }] },
        l2: { uniform: [0, 1] },
      },
    });
    // sgd: 1 + 2u, adam: 0. Of all, the choice explains 1, the momentum half of 4/12, less what is shared: means 0 and 2.
    const evaluate = (parameters: any): number =>
      parameters['training.optimizer'] === 'adam' ? 0 : 1 + (2 * parameters['training.optimizer.momentum']) / 0.8;
    const { of } = shares(spec, evaluate);
    // Total: 1 + 1/6. The momentum's own marginal is (2u − 1) / 2: 1/12. The rest is their interaction.
    expect(Math.abs(of('training.optimizer') - 1 / (7 / 6))).toBeLessThan(0.05);
    expect(Math.abs(of('training.optimizer.momentum') - 1 / 12 / (7 / 6))).toBeLessThan(0.04);
    expect(of('training.l2')).toBeLessThan(0.01);
  });

  it('of a parameter that is 0 or in a range is that of both together, and no parameter interacts with itself', () => {
    const dropout = { choice: [0, { uniform: [0.1, 0.9] }] };
    const spec = sweep({ model: { dropout }, training: { l2: { uniform: [0, 1] } } });
    const { of, interactions, items } = shares(spec, (parameters) => {
      const own = parameters['model.dropout'] === 0 ? 0 : (2 * (parameters['model.dropout'] - 0.1)) / 0.8;
      return own + parameters['training.l2'];
    });
    // 0, or 2u with one half each: a variance of 1/4 + 1/6. The other: 1/12.
    expect(items.map(({ parameter }) => parameter)).toEqual(['model.dropout', 'training.l2']);
    expect(Math.abs(of('model.dropout') - 5 / 6)).toBeLessThan(0.04);
    expect(interactions.map(({ parameters }) => parameters)).toEqual([['model.dropout', 'training.l2']]);
  });

  it('is robust to a few exploded values', () => {
    const { of } = shares(sweep(three), (parameters) => {
      const [a, b, c] = unit(parameters);
      return c > 0.99 ? 1e9 : 2 * a + b;
    });
    expect(of(names[0])).toBeGreaterThan(0.6);
  });

  it('is deterministic, and takes seconds for 1,000 outcomes', () => {
    const spec = sweep({
      ...three,
      model: {
        ...three.model,
        layers: { int: [1, 4] },
        hiddenSize: { int: [8, 256] },
        cell: { choice: ['rnn', 'lstm', 'gru'] },
      },
    });
    const outcomes = sampleOutcomes(spec, (parameters) => unit(parameters)[0] * unit(parameters)[2]);
    const before = process.cpuUsage();
    const first = computeImportance(spec, outcomes);
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(20_000);
    expect(computeImportance(spec, outcomes)).toEqual(first);
  });

  it('is unavailable if nothing varies or too few have finished', () => {
    expect(importanceProblem(sweep({}, 1), 100)).toBe('the sweep varies nothing');
    expect(importanceProblem(sweep(three), 3)).toContain('3 configurations have finished');
    expect(importanceProblem(sweep(three), 20)).toBeUndefined();
  });
});
