import { parseDocument, sweepKeys, sweepSpec, validate, ValidationError, type SweepSpec } from '@unroll/contracts';
import fc from 'fast-check';
import { checkAhead } from './sweep';

/** Seconds of each property: a minute and more with UNROLL_FUZZ_SECONDS. */
const seconds = Number(process.env.UNROLL_FUZZ_SECONDS ?? 8);
/** The cases of a seed, UNROLL_FUZZ_SEED, are the same in every run. Undefined: the seed of all other properties. */
const seed = process.env.UNROLL_FUZZ_SEED === undefined ? undefined : Number(process.env.UNROLL_FUZZ_SEED);
/** Processor seconds of one specification, beside which a test machine may do other work. */
const most = 3;

type Tree = Record<string, unknown>;

const bases: Tree[] = [
  {
    dataset: 'typescript-declarations',
    task: 'language-model',
    model: { cell: { grid: ['rnn', 'lstm'] }, hiddenSize: { int: [8, 64] }, layers: { choice: [1, 2] } },
    training: {
      learningRate: { logUniform: [1e-4, 1e-2] },
      optimizer: { choice: ['adam', { kind: 'sgd', momentum: 0.9 }] },
    },
    search: { algorithm: 'tpe', trials: 20, constraints: ['hiddenSize * layers <= 64'] },
    stopping: { rule: 'asha' },
  },
  {
    dataset: { name: 'adding-problem', steps: { int: [10, 50] }, sequences: 100, split: { validation: 0.2 } },
    task: 'regression',
    model: { cell: 'gru', hiddenSize: 16, bidirectional: true },
    training: { bptt: 'full', epochs: 3, clipNorm: { uniform: [0.5, 2] } },
    search: { trials: 6, repeats: 3, enqueue: [{ training: { clipNorm: 1 } }] },
    budget: { wallTime: '2h', patience: 5 },
  },
];

/** Words and numbers that schemas and samplers may stumble over. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    'adam',
    'last',
    '__proto__',
    'constructor',
    '../x',
    '\u0000',
    '🙂',
    'x'.repeat(5000),
  ),
  fc.constantFrom<unknown>(0, -0, -1, 1, 1e-300, 1e308, 2 ** 31, 2 ** 53, 0.1, 1e5),
  fc.constantFrom<unknown>([], {}, [[]], { choice: [] }, { grid: [1, 1] }, { choice: [{ choice: [1] }] }),
  fc.record({ int: fc.tuple(fc.integer(), fc.integer()) }),
  fc.record(
    { uniform: fc.tuple(fc.double(), fc.double()), step: fc.double({ noNaN: true }) },
    { requiredKeys: ['uniform'] },
  ),
  fc.record({
    logUniform: fc.tuple(fc.double({ min: 1e-9, max: 1, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true })),
  }),
  fc.record({ normal: fc.tuple(fc.double({ noNaN: true }), fc.double({ noNaN: true })) }),
  fc.record({ grid: fc.array(fc.oneof(fc.integer({ min: 1, max: 99 }), fc.string()), { maxLength: 50 }) }),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Paths of keys, from the table of the contract. */
const paths = sweepKeys().map(({ path }) =>
  path
    .replaceAll(/ \([^)]*\)|\[\]|\*/g, '')
    .split('.')
    .filter(Boolean),
);

/** A tree with another value at a path; what stands in the way is replaced. */
function put(tree: unknown, [key, ...rest]: readonly string[], replacement: unknown): unknown {
  if (key === undefined) return replacement;
  const own = typeof tree === 'object' && tree !== null && !Array.isArray(tree) ? (tree as Tree) : {};
  return { ...own, [key]: put(Object.hasOwn(own, key) ? own[key] : {}, rest, replacement) };
}

const mutated = fc
  .tuple(
    fc.constantFrom(...bases),
    fc.array(fc.tuple(fc.constantFrom(...paths), value), { minLength: 1, maxLength: 4 }),
  )
  .map(([base, changes]) => changes.reduce<unknown>((tree, [path, change]) => put(tree, path, change), base));

/** Reads, validates and checks as a submission does. Only a refusal with short lines that say something is no mistake. */
function submit(text: string): void {
  const before = process.cpuUsage();
  try {
    const spec = validate(sweepSpec, parseDocument(text)) as SweepSpec;
    const { size, ahead } = checkAhead(spec, 20, () => process.cpuUsage(before).user > 1e6);
    expect(size.trials).toBeGreaterThan(0);
    expect(ahead.length).toBeGreaterThan(0);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    for (const { message } of error.errors) expect(message).toMatch(/^\S.{0,2000}$/su);
  }
  expect(process.cpuUsage(before).user / 1e6).toBeLessThan(most);
}

const run = <Value>(arbitrary: fc.Arbitrary<Value>, check: (value: Value) => void): void =>
  fc.assert(fc.property(arbitrary, check), {
    ...(seed === undefined ? {} : { seed }),
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1000,
    markInterruptAsFailure: false,
    endOnFailure: true,
  });

describe('a sweep with mistakes', () => {
  it(
    'is run or refused in words, in a bounded time, whatever stands at its keys',
    () => {
      run(mutated, (tree) => submit(JSON.stringify(tree)));
    },
    (seconds + 60) * 1000,
  );

  it(
    'is run or refused in words, whatever characters its text has',
    () => {
      const texts = fc
        .tuple(
          fc.constantFrom(...bases.map((base) => JSON.stringify(base))),
          fc.nat(),
          fc.nat(40),
          fc.string({ unit: 'binary', maxLength: 8 }),
        )
        .map(([text, at, length, inserted]) => {
          const place = at % text.length;
          return text.slice(0, place) + inserted + text.slice(place + length);
        });
      run(texts, submit);
    },
    (seconds + 60) * 1000,
  );
});
