import fc from 'fast-check';
import { pageQuery, metricsQuery, submitQuery } from './rest';
import { sweepSpec } from './sweep-spec';
import { trainFile, trialSpec } from './trial-spec';
import { validate, ValidationError } from './validation';

const valid = {
  name: 'x',
  dataset: { name: 'a', split: { validation: 0.1 } },
  task: { kind: 'language-model', tokens: 'character' },
  model: { cell: { grid: ['rnn', 'lstm'] }, hiddenSize: { int: [8, 64], log: true }, layers: 1 },
  training: {
    bptt: { k1: 2, k2: 4 },
    optimizer: { choice: ['adam', { kind: 'sgd' }] },
    learningRate: { normal: [1, 1] },
  },
  objective: { metric: 'validation.loss' },
  search: { algorithm: 'random', trials: 4, seeds: [1, 2] },
  budget: { concurrentTrials: 3 },
};

/** `node` with the value at `path` replaced, or with an additional key there. */
function mutated(node: unknown, path: readonly number[], key: string, value: unknown): unknown {
  if (typeof node !== 'object' || node === null || path.length === 0) return value;
  const entries = Object.entries(node);
  const [first = 0, ...rest] = path;
  const chosen = first % (entries.length + 1);
  const changed = entries.map(
    ([each, child], index) => [each, index === chosen ? mutated(child, rest, key, value) : child] as const,
  );
  const all = chosen === entries.length ? [...changed, [key, value] as const] : changed;
  return Array.isArray(node) ? all.map(([, child]) => child) : Object.fromEntries(all);
}

const onlyRefuses = (schema: Parameters<typeof validate>[0], input: unknown): void => {
  try {
    validate(schema, input);
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError);
    const { errors } = error as ValidationError;
    expect(errors.length).toBeGreaterThan(0);
    for (const { message } of errors) expect(message).toMatch(/^\S.*\S$/);
  }
};

describe('validation', () => {
  it.each([
    ['a sweep', sweepSpec],
    ['a trial', trialSpec],
    ['a file for unroll train', trainFile],
    ['a page query', pageQuery],
  ] as const)('of %s throws only ValidationError, for any JSON', (_, schema) => {
    fc.assert(fc.property(fc.jsonValue(), (input) => onlyRefuses(schema, input)));
  });

  it('throws only ValidationError for a sweep with one mistake anywhere', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('choice', 'grid', 'int', 'uniform', 'normal', 'kind', '__proto__', 'constructor'),
    );
    const anything = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.double(), fc.constant(undefined));
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), key, anything, (path, extra, value) =>
        onlyRefuses(sweepSpec, mutated(valid, path, extra, value)),
      ),
      { numRuns: 1000 },
    );
  });

  it('accepts that sweep without the mistake', () => {
    expect(validate(sweepSpec, valid)).toMatchObject({ name: 'x', search: { trials: 4 } });
  });

  it('joins its lines into one message, each with its path', () => {
    expect(() => validate(sweepSpec, { task: 'language-model', nme: 1 })).toThrow(
      'dataset: is missing; nme: unknown key; did you mean name?',
    );
  });

  it('suggests keys for thousands of unknown ones as fast as it reads them', () => {
    const unknown = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, key) => [`x${key}`, 1]));
    const choice = Array.from({ length: 80 }, () => unknown(240));
    for (const mistaken of [
      { model: { choice } },
      { training: { choice } },
      { ...unknown(240), ['k'.repeat(900_000)]: 1 },
    ]) {
      const before = process.cpuUsage();
      expect(() => validate(sweepSpec, { ...valid, ...mistaken })).toThrow(/unknown key/);
      // 10 ms, and less than 100 in this sandbox on a machine with other work.
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
    }
  });

  it('suggests a key for the first twenty unknown ones of an object, and lists a hundred', () => {
    const unknown = Object.fromEntries(Array.from({ length: 200 }, (_, key) => [`batchSize${key}`, 1]));
    const refused = (): unknown => validate(sweepSpec, { ...valid, training: unknown });
    expect(refused).toThrow(ValidationError);
    try {
      refused();
    } catch (error) {
      const { errors, message } = error as ValidationError;
      const hints = errors.map((each) => each.message === 'unknown key; did you mean batchSize?');
      expect(hints).toEqual([...Array<boolean>(20).fill(true), ...Array<boolean>(80).fill(false)]);
      expect(message).toMatch(/; and 80 more$/);
    }
  });

  it('shortens a long value', () => {
    expect(() => validate(sweepSpec, { ...valid, name: Array(1000).fill('x') })).toThrow(
      /^name: must be text, not \["x".{1,60}\.\.\.$/,
    );
  });

  it('parses query strings', () => {
    expect(validate(pageQuery, {})).toEqual({ limit: 50 });
    expect(validate(pageQuery, { limit: '7' })).toEqual({ limit: 7 });
    expect(validate(submitQuery, { dryRun: 'true' })).toEqual({ dryRun: true, priority: 'normal' });
    for (const limit of ['0', '-1', '1001', 'many', '1.5'])
      expect(() => validate(pageQuery, { limit })).toThrow(/^limit: must be/);
    for (const name of ['a\0b', '', 'a?b', '1'])
      expect(() => validate(metricsQuery, { name })).toThrow(/^name: must be the name of a metric/);
  });
});
