import { fileOptions, sweepSpec, validate, ValidationError, withFingerprints, type SweepSpec } from '@unroll/contracts';
import { chooseSampler, settled } from '../choose';
import { checkAhead, checkSweep } from '../checks/sweep';
import { toParameters, SweepSearch, type Configuration } from './search';
import { fusionSignature } from '../signature';
import { firstTrials, sweepSize } from './proposals';

const sweep = (changes: Record<string, unknown> = {}): SweepSpec =>
  validate(sweepSpec, { dataset: 'a', task: 'language-model', ...changes });
const refusal = (changes: Record<string, unknown>): string => {
  try {
    checkSweep(sweep(changes));
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  return '';
};

const model = { cell: { choice: ['rnn', 'gru'] }, hiddenSize: { int: [8, 512] }, layers: { int: [1, 4] } };
const training = { learningRate: { logUniform: [1e-4, 1e-1] } };
const searching = (search: Record<string, unknown>): SweepSpec => sweep({ model, training, search });

/** Alternates proposing and learning, in batches of `batch`. */
function run(spec: SweepSpec, trials: number, batch: number, lanes = 1): Configuration[] {
  const search = new SweepSearch(spec);
  const all: Configuration[] = [];
  for (let first = 0; first < trials; first += batch) {
    const proposed = search.propose(first, batch, lanes);
    all.push(...proposed);
    for (const { number, spec: whole } of proposed)
      search.learn({ number, value: Math.abs(Math.log10(whole.training.learningRate) + 2), share: 1 });
  }
  return all;
}

describe('the search of a sweep', () => {
  const spec = searching({ algorithm: 'tpe', trials: 60, seed: 5 });

  it('is deterministic in the outcomes, also when restored from logged parameters', () => {
    const [told, again] = [new SweepSearch(spec), new SweepSearch(spec)];
    for (let number = 0; number < 30; number += 1) {
      const [configuration] = told.propose(number, 1);
      again.recall(JSON.parse(JSON.stringify({ number, parameters: configuration!.parameters })));
      const outcome = { number, value: number % 7, share: 1 };
      told.learn(outcome);
      again.learn(outcome);
    }
    expect(again.propose(30, 5)).toEqual(told.propose(30, 5));
  });

  it('learns an outcome once, and ignores unknown configurations', () => {
    const [once, twice] = [new SweepSearch(spec), new SweepSearch(spec)];
    for (const search of [once, twice]) search.propose(0, 12);
    for (let number = 0; number < 12; number += 1) once.learn({ number, value: number, share: 1 });
    for (let number = 0; number < 12; number += 1) {
      twice.learn({ number, value: number, share: 1 });
      twice.learn({ number, value: -1, share: 1 });
      twice.learn({ number: 99, value: -1, share: 1 });
    }
    expect(twice.propose(12, 3)).toEqual(once.propose(12, 3));
  });

  it('proposes configurations of equal signature that differ otherwise, in turn with others', () => {
    const all = run(spec, 48, 8, 4);
    for (let first = 0; first < 48; first += 8) {
      const batch = all.slice(first, first + 8);
      for (const group of [0, 1]) {
        const alike = batch.filter((_, index) => index % 2 === group);
        expect(new Set(alike.map((each) => fusionSignature(each.spec, ''))).size).toBe(1);
        expect(new Set(alike.map((each) => each.spec.training.learningRate)).size).toBe(4);
      }
    }
    expect(new Set(all.map((each) => fusionSignature(each.spec, ''))).size).toBeGreaterThan(3);
  });

  it('starts with enqueued configurations, and samples omitted parameters', () => {
    const enqueue = [{ model: { cell: 'gru', hiddenSize: 100 } }, { training: { learningRate: 0.01 } }];
    const [first, second, third] = new SweepSearch(searching({ algorithm: 'tpe', trials: 9, enqueue })).propose(0, 3);
    expect(first!.parameters).toMatchObject({ 'model.cell': 'gru', 'model.hiddenSize': 100 });
    expect(first!.spec.training.learningRate).not.toBe(0.01);
    expect(second!.parameters['training.learningRate']).toBeCloseTo(0.01, 12);
    expect(third!.parameters['training.learningRate']).not.toBeCloseTo(0.01, 3);
  });

  it.each([
    ['a name', { name: 'big' }, ['small', 'big']],
    ['an object with it', 'big', [{ name: 'small' }, { name: 'big' }]],
  ])('starts with an enqueued tokenizer where the choice has %s in its other form', (_, tokenizer, choice) => {
    const task = { kind: 'language-model', tokens: 'subword', tokenizer: { choice } };
    const own = (named: unknown): SweepSpec =>
      sweep({ task, model, search: { trials: 4, enqueue: [{ task: { tokenizer: named } }] } });
    const [first] = new SweepSearch(own(tokenizer)).propose(0, 1);
    expect(first!.spec.task).toMatchObject({ tokenizer: { name: 'big' } });
    expect(() => new SweepSearch(own({ name: 'none' })).propose(0, 1)).toThrow('is outside the search space');
  });

  it('warm-starts from earlier results within its space', () => {
    const earlier = run(spec, 40, 4).map((each) => ({
      parameters: toParameters(each.spec),
      value: Math.abs(Math.log10(each.spec.training.learningRate) + 2),
    }));
    const [warm, cold] = [new SweepSearch(spec), new SweepSearch(spec)];
    expect(warm.learnFrom(earlier)).toBe(40);
    const distance = ([...proposed]: Configuration[]): number =>
      proposed.reduce((sum, each) => sum + Math.abs(Math.log10(each.spec.training.learningRate) + 2), 0);
    expect(distance(warm.propose(0, 8))).toBeLessThan(distance(cold.propose(0, 8)) * 0.75);
    const other = new SweepSearch(
      sweep({ training: { clipNorm: { uniform: [50, 60] } }, search: { algorithm: 'tpe', trials: 20 } }),
    );
    expect(other.learnFrom(earlier)).toBe(0);
  });

  it('warm-starts from the weight of a class that is called kind', () => {
    const classWeights = { kind: { uniform: [1, 9] }, other: 2 };
    const weighted = sweep({ task: 'tagging', training: { classWeights }, search: { algorithm: 'tpe', trials: 9 } });
    const [first] = new SweepSearch(weighted).propose(0, 1);
    expect(new SweepSearch(weighted).learnFrom([{ parameters: toParameters(first!.spec), value: 1 }])).toBe(1);
  });

  it.each(['random', 'sobol', 'tpe', 'gaussian-process'])(
    'of %s satisfies constraints, including on defaults of the trial',
    (algorithm) => {
      const constraints = ['hiddenSize * layers <= 256', 'cell == "gru" or model.hiddenSize <= 64', 'batchSize == 32'];
      for (const { spec: whole } of run(searching({ algorithm, trials: 24, constraints }), 24, 4)) {
        expect(whole.model.hiddenSize * whole.model.layers).toBeLessThanOrEqual(256);
        expect(whole.model.cell === 'gru' || whole.model.hiddenSize <= 64).toBe(true);
      }
    },
  );

  it('is judged by the defaults of the options that it chooses', () => {
    const momentum = { uniform: [0.3, 0.9] };
    const optimizer = { choice: ['sgd', { kind: 'sgd', momentum }, { kind: 'adam', beta1: 0.5 }, 'adam', 'adamw'] };
    const constraints = ['momentum < 0.5', 'beta1 < 0.6 or weightDecay > 0'];
    const chosen = run(sweep({ training: { optimizer }, search: { trials: 60, constraints } }), 60, 60).map(
      ({ spec: { training: own } }) => own.optimizer as { kind: string; momentum?: number; beta1?: number },
    );
    expect(new Set(chosen.map(({ kind }) => kind))).toEqual(new Set(['sgd', 'adam', 'adamw']));
    for (const { kind, momentum: given, beta1 } of chosen) {
      if (kind === 'sgd') expect(given).toBeLessThan(0.5);
      if (kind === 'adam') expect(beta1).toBe(0.5);
    }
  });

  it('ignores a condition on a parameter that a configuration lacks', () => {
    const optimizer = { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.9] } }] };
    const momenta = run(
      sweep({ training: { optimizer }, search: { trials: 40, constraints: ['momentum > 0.6'] } }),
      40,
      40,
    ).map(({ parameters }) => parameters['training.optimizer.momentum']);
    expect(momenta.some((momentum) => momentum === undefined)).toBe(true);
    expect(momenta.every((momentum) => momentum === undefined || (momentum as number) > 0.6)).toBe(true);
  });
});

const searching12 = (search: Record<string, unknown>, changes: Record<string, unknown> = {}): SweepSpec =>
  sweep({
    model: { cell: { choice: ['rnn', 'lstm', 'gru'] }, hiddenSize: { int: [8, 16], step: 8 } },
    training: { bptt: { int: [4, 5], log: true } },
    search: { trials: 40, ...search },
    ...changes,
  });

describe.each(['random', 'sobol', 'tpe', 'gaussian-process', 'nsga-ii'])(
  'a space of 12 points under %s',
  (algorithm) => {
    const objectives = [{ metric: 'validation.loss' }, { metric: 'cost.parameters' }];
    const changes = algorithm === 'nsga-ii' ? { objectives } : {};

    it.each([1, 3])('has each of its points proposed once, %i alike', (alike) => {
      const spec = searching12({ algorithm }, changes);
      expect(sweepSize(spec)).toMatchObject({
        configurations: 12,
        trials: 12,
        limit: '12 of 40: the space has 12 points',
      });
      const search = new SweepSearch(spec);
      const seen: string[] = [];
      for (let first = 0; first < 12; first += 3) {
        for (const { number, parameters } of search.propose(first, 3, alike)) {
          seen.push(JSON.stringify(parameters));
          search.learn({ number, value: number % 5, share: 1, others: [number] });
        }
      }
      expect(new Set(seen).size).toBe(12);
      expect(() => search.propose(12, 1)).toThrow('search.trials: the space has only 12 points');
    });

    it('proposes no point again that it recalls', () => {
      const spec = searching12({ algorithm }, changes);
      const all = new SweepSearch(spec).propose(0, 12);
      const search = new SweepSearch(spec);
      for (const { number, parameters } of all.slice(0, 11)) search.recall({ number, parameters });
      expect(search.propose(11, 1)[0]!.parameters).toEqual(all[11]!.parameters);
    });

    it('has as many as satisfy the constraints', () => {
      const spec = searching12({ algorithm, constraints: ['cell == "gru" or hiddenSize < 16'] }, changes);
      expect(sweepSize(spec).limit).toBe('8 of 40: the space has 8 points');
      const all = new SweepSearch(spec).propose(0, 8).map(({ parameters }) => JSON.stringify(parameters));
      expect(new Set(all).size).toBe(8);
    });
  },
);

describe('a search that repeats nothing', () => {
  it.each(['random', 'sobol'])('by %s goes on from any number as it would have from the first', (algorithm) => {
    const spec = searching12({ algorithm });
    expect(new SweepSearch(spec).propose(7, 5)).toEqual(new SweepSearch(spec).propose(0, 12).slice(7));
  });

  it('draws again where a condition makes few of its points real numbers', () => {
    const optimizer = { choice: ['adam', 'rmsprop', { kind: 'sgd', momentum: { uniform: [0, 0.9] } }] };
    const all = run(sweep({ training: { optimizer }, search: { algorithm: 'random', trials: 30 } }), 30, 5);
    expect(new Set(all.map(({ parameters }) => JSON.stringify(parameters))).size).toBe(30);
  });

  it('refuses an enqueued configuration that is listed twice', () => {
    const enqueue = [1, 2].map(() => ({ model: { cell: 'gru', hiddenSize: 8 }, training: { bptt: 4 } }));
    expect(() => checkSweep(searching12({ enqueue }))).toThrow(
      'search.enqueue[1]: repeats an earlier one: leave it out',
    );
  });

  it('tries both cells within its first four configurations, whatever the seed', () => {
    for (let seed = 0; seed < 20; seed += 1)
      for (const algorithm of ['tpe', 'gaussian-process', 'sobol']) {
        const spec = sweep({
          model: { cell: { choice: ['gru', 'lstm'] } },
          training,
          search: { algorithm, trials: 40, seed },
        });
        const cells = new SweepSearch(spec).propose(0, 4).map((each) => each.spec.model.cell);
        expect(new Set(cells).size).toBe(2);
      }
  });
});

describe('a sweep is refused', () => {
  it.each([
    [
      { constraints: ['hiddenSize > 1000'] },
      'search.constraints: no configuration satisfies them; the one violated most often is hiddenSize > 1000',
    ],
    [
      { constraints: ['hiddenSise > 1'] },
      'search.constraints[0]: unknown parameter hiddenSise; did you mean hiddenSize?',
    ],
    [{ constraints: ['kind == "adam"'] }, /^search\.constraints\[0\]: unknown parameter kind/],
    [
      { enqueue: [{ training: { learningRate: 5 } }] },
      'search.enqueue[0].training.learningRate: is outside the search space',
    ],
    [
      { enqueue: [{ training: { clipNorm: 5 } }] },
      'search.enqueue[0].training.clipNorm: is not searched: leave it out',
    ],
    [{ trials: 1, enqueue: [{}, {}] }, 'search.enqueue: lists 2 configurations, but the sweep has only 1'],
    [
      { constraints: ['hiddenSize > 100'], enqueue: [{ model: { hiddenSize: 10 } }] },
      'search.enqueue[0]: does not satisfy the constraints',
    ],
  ])('for search: %j', (search, message) => {
    const found = refusal({ model, training, search: { trials: 20, ...search } });
    if (typeof message === 'string') expect(found).toBe(message);
    else expect(found).toMatch(message);
  });

  it('if a learning search has a single point, or an enqueued configuration sets a grid', () => {
    expect(refusal({ search: { algorithm: 'tpe', trials: 5 } })).toMatch(
      /^search\.algorithm: tpe has nothing to search: the space is a single point; /,
    );
    const grid = {
      model: { cell: { grid: ['rnn', 'gru'] } },
      training,
      search: { enqueue: [{ model: { cell: 'gru' } }] },
    };
    expect(refusal(grid)).toBe(
      'search.enqueue[0].model.cell: is a grid, which tries each of its values anyway: leave it out',
    );
  });

  it('not if few draws at each of many grid points satisfy the constraints', () => {
    const spec = sweep({
      model: { hiddenSize: { grid: Array.from({ length: 300 }, (_, index) => index + 1) }, layers: { int: [1, 16] } },
      training: { learningRate: { logUniform: [1e-4, 1e-2] } },
      search: { trials: 300, constraints: ['layers <= 1', 'learningRate > 0.005'] },
    });
    expect(checkSweep(spec).configurations).toBe(300);
  });

  it('if a grid point has no configuration that satisfies the constraints', () => {
    const grids = {
      model: { hiddenSize: { grid: [8, 600] }, layers: { int: [1, 4] } },
      search: { constraints: ['hiddenSize * layers <= 512'] },
    };
    expect(refusal(grids)).toBe(
      'search.constraints: no configuration satisfies them at {"model.hiddenSize":600}; the one violated most often is hiddenSize * layers <= 512',
    );
  });
});

describe('the search of an edited sweep', () => {
  const whole = sweep({ model, training, search: { trials: 20 } });
  const { parameters, spec: trial } = new SweepSearch(whole).propose(7, 1)[0]!;
  const { cell, hiddenSize, layers } = trial.model;
  const { learningRate } = trial.training;
  const placed = (changes: Record<string, unknown>): unknown =>
    new SweepSearch(sweep({ model, training, search: { trials: 20 }, ...changes })).place(trial, parameters);
  const fixed = { cell, hiddenSize, layers };

  it.each([
    ['the same space', {}, parameters],
    ['a smaller range', { training: { learningRate: { uniform: [learningRate / 2, learningRate * 2] } } }, parameters],
    ['a value that it has', { model: fixed }, { 'training.learningRate': learningRate }],
    [
      'a searched value that it had by default',
      { training: { ...training, clipNorm: { uniform: [0.5, 2] } } },
      { ...parameters, 'training.clipNorm': 1 },
    ],
    [
      'an option with the same values',
      { model: { choice: [{ cell, layers }, fixed] } },
      {
        'training.learningRate': learningRate,
        'model.cell': cell,
        'model.hiddenSize': hiddenSize,
        'model.layers': layers,
      },
    ],
    ['a constraint that holds', { search: { trials: 20, constraints: [`hiddenSize <= ${hiddenSize}`] } }, parameters],
  ])('has a place for a configuration in %s', (_, changes, expected) => {
    expect(placed(changes)).toEqual(expected);
  });

  it.each([
    ['a range without its value', { training: { learningRate: { uniform: [learningRate * 2, 1] } } }],
    ['another fixed value', { model: { ...fixed, layers: layers + 1 } }],
    ['another value that was not searched', { training: { ...training, batchSize: 5 } }],
    ['options of other values', { model: { choice: [{ ...fixed, hiddenSize: hiddenSize + 1 }] } }],
    ['a constraint that does not hold', { search: { trials: 20, constraints: [`hiddenSize > ${hiddenSize}`] } }],
  ])('has none in %s', (_, changes) => {
    expect(placed(changes)).toBeUndefined();
  });

  it.each([
    ['one tokenizer', 'gpt2'],
    ['a choice of tokenizers', { choice: ['gpt2', { name: 'other' }] }],
  ])('has a place for a trial that identifies its files, which the sweep only names, with %s', (_, tokenizer) => {
    const named = sweep({
      task: { kind: 'language-model', tokens: 'subword', tokenizer },
      training: { ...training, initFrom: { embedding: 'glove' } },
      ...{ model, objective: 'validation.bitsPerCharacter', search: { trials: 20 } },
    });
    const datasets = { gpt2: '1'.repeat(64), other: '2'.repeat(64), glove: '3'.repeat(64) };
    for (const each of new SweepSearch(named).propose(0, 8)) {
      const stored = withFingerprints(each.spec, datasets);
      expect(Object.keys(toParameters(stored))).toEqual(
        expect.arrayContaining(fileOptions.map(({ fingerprint }) => fingerprint)),
      );
      expect(new SweepSearch(named).place(stored, each.parameters)).toEqual(each.parameters);
      expect(new SweepSearch(named).learnFrom([{ parameters: toParameters(stored), value: 1 }])).toBe(1);
    }
    const other = { ...named, training: { ...training, initFrom: { embedding: 'another' } } } as typeof named;
    const [first] = new SweepSearch(named).propose(0, 1);
    expect(new SweepSearch(other).place(withFingerprints(first!.spec, datasets), first!.parameters)).toBeUndefined();
  });

  it.each(['random', 'sobol', 'tpe'])(
    'goes on at the next number and repeats no inherited point with %s',
    (algorithm) => {
      const small = sweep({ training: { batchSize: { choice: [1, 2, 3, 4, 5] } }, search: { algorithm, trials: 5 } });
      const search = new SweepSearch(small);
      search.inherit(
        40,
        [3, 5].map((size, number) => ({ number, parameters: { 'training.batchSize': size } })),
      );
      expect(search.left).toBe(3);
      const next = search.propose(40, 3);
      expect(next.map(({ number }) => number)).toEqual([40, 41, 42]);
      expect(next.map(({ spec }) => spec.training.batchSize).sort()).toEqual([1, 2, 4]);
      expect(search.left).toBe(0);
    },
  );
});

describe('search: auto', () => {
  const why = (changes: Record<string, unknown>): string | undefined => chooseSampler(sweep(changes)).why;

  it('is resolved once, so that an extended sweep keeps its algorithm', () => {
    const short = sweep({ training, search: { algorithm: 'auto', trials: 8 } });
    const whole = settled(short);
    expect(whole.search).toEqual({ ...short.search, algorithm: 'sobol' });
    const longer = { ...whole, search: { ...whole.search, trials: 100 } };
    expect(chooseSampler(longer).sampler.algorithm).toBe('sobol');
    expect(settled(whole)).toBe(whole);
  });

  it('chooses by the space and the number of trials, with a reason', () => {
    const auto = (trials: number): Record<string, unknown> => ({ algorithm: 'auto', trials });
    expect(why({ model: { cell: { grid: ['rnn', 'gru'] } }, search: 'auto' })).toMatch(/^grid: /);
    expect(why({ training, search: auto(8) })).toMatch(/^sobol: 8 configurations are too few/);
    expect(why({ training, search: auto(100) })).toMatch(/^gaussian-process: 100 configurations of 1 ranges/);
    expect(why({ training, search: auto(5000) })).toMatch(/^cma-es: /);
    expect(why({ model, training, search: auto(5000) })).toMatch(/^tpe: /);
    const optimizer = { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.9] } }] };
    expect(why({ training: { optimizer }, search: auto(100) })).toMatch(/^tpe: 100 configurations of \d parameters/);
    expect(why({ training, search: { algorithm: 'tpe', trials: 9 } })).toBeUndefined();
  });
});

describe('a sweep whose constraints one draw in 200 satisfies', () => {
  const rare = sweep({
    model: { cell: 'gru', hiddenSize: { int: [1, 512] }, layers: { int: [1, 4] } },
    training: { learningRate: { logUniform: [1e-5, 1e-1] } },
    search: { trials: 1000, constraints: ['hiddenSize <= 10', 'layers <= 1', 'clipNorm <= 1'] },
  });

  it('is checked in a second, and all of its configurations are drawn in the end', () => {
    checkAhead(sweep({}), 1, () => false);
    const before = process.cpuUsage();
    const { size, ahead } = checkAhead(rare, 20, () => process.cpuUsage(before).user > 1e6);
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1.5);
    expect([size.trials, ahead.length]).toEqual([1000, 20]);
    expect(firstTrials(rare, 20)).toEqual(ahead);
    for (const { spec } of firstTrials(rare, 200)) expect(spec.model.hiddenSize).toBeLessThanOrEqual(10);
  });
});
