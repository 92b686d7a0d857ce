import { initFromProblem } from '@unroll/contracts';
import type { Weights } from '../nn/parameter';
import { inheritedReading } from './init-from';
import { labelled, makeSpec, text, trained, wordRows, words, type Changes } from '../testing/models.fixture';

const classification = { kind: 'classification' };
const start = { trial: 'abc' };
const named = (weights: Weights, part: string): Weights =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name.startsWith(part)));

describe('frozen weights', () => {
  const freeze = ['embedding', 'recurrent'];
  const changes: Changes[] = [
    { training: { freeze } },
    { training: { freeze, optimizer: { kind: 'adamw', weightDecay: 0.5 } } },
    { training: { freeze, optimizer: { kind: 'sgd', momentum: 0.9, weightDecay: 0.5 } } },
    { training: { freeze, l1: 0.1, l2: 0.1, gradientNoise: 0.1 } },
  ];

  it.each(changes)('keep their values while the head is trained: %j', async (change) => {
    const before = await trained(words, [makeSpec(classification, { training: { updates: 1, learningRate: 1e-30 } })]);
    const after = await trained(words, [
      makeSpec(classification, { ...change, training: { ...change.training, updates: 20, keep: 'last' } }),
    ]);
    for (const part of freeze) expect(named(after.model.weights, part)).toEqual(named(before.model.weights, part));
    expect(named(after.model.weights, 'output')).not.toEqual(named(before.model.weights, 'output'));
    expect(Object.keys(after.model.weights).sort()).toEqual(Object.keys(before.model.weights).sort());
  });

  it('are not part of the norm for clipping', async () => {
    // With almost everything at rest the norm that is reported is that of the one bias that learns.
    const all = await trained(words, [makeSpec(classification, { training: { updates: 1, reportEvery: 1 } })]);
    const rest = Object.keys(all.model.weights).filter((name) => name !== 'output.bias');
    const training = { updates: 1, reportEvery: 1, freeze: rest, clipNorm: 1e-4, optimizer: 'sgd', learningRate: 1 };
    const one = await trained(words, [makeSpec(classification, { training })]);
    const norm = one.reports[0]![0]!.metrics['train.gradientNorm']!;
    expect(norm).toBeLessThan(all.reports[0]![0]!.metrics['train.gradientNorm']!);
    const [before, after] = [
      await trained(words, [makeSpec(classification, { training: { ...training, learningRate: 1e-30 } })]),
      one,
    ].map(({ model }) => model.weights['output.bias']!.values);
    const step = Math.hypot(...after!.map((value, index) => value - before![index]!));
    expect(step).toBeCloseTo(1e-4, 6);
  });

  it('give a lane the same numbers alone and among others, also after one of them has left', async () => {
    const own = makeSpec(classification, { training: { freeze } });
    const other = makeSpec(classification, { training: { freeze, seed: 9, updates: 2, learningRate: 0.3 } });
    const alone = await trained(words, [own]);
    const among = await trained(words, [other, own]);
    expect(among.results[1]!.weights).toEqual(alone.results[0]!.weights);
    expect(among.reports[1]!.map(({ metrics }) => metrics)).toEqual(alone.reports[0]!.map(({ metrics }) => metrics));
  });

  it('cannot be fused with a lane that freezes others', async () => {
    const specs = [makeSpec(classification, { training: { freeze } }), makeSpec(classification)];
    await expect(trained(words, specs)).rejects.toThrow('lanes must share training.freeze');
  });

  it.each([
    [
      ['embeding'],
      'training.freeze: there are no weights "embeding"; there are embedding, embedding.weight, recurrent',
    ],
    [['embedding', 'recurrent', 'head'], 'training.freeze: nothing would be left to train'],
  ])('%j is refused', async (wrong, message) => {
    await expect(trained(words, [makeSpec(classification, { training: { freeze: wrong } })])).rejects.toThrow(message);
  });
});

describe('a trial that starts from a model', () => {
  const learned = { training: { updates: 120, reportEvery: 60, learningRate: 0.02 } };

  it('starts with the weights of the model, and reads data as the model did', async () => {
    const { model } = await trained(words, [makeSpec(classification, learned)]);
    // Other letters and fewer classes: the numbers of both stay the model's.
    const others = labelled([...wordRows.slice(0, 20)].map((row) => ({ ...row, text: row.text.replaceAll('z', 'x') })));
    const training = { updates: 1, reportEvery: 1, learningRate: 1e-30, initFrom: start };
    const next = await trained(others, [makeSpec(classification, { training })], model);
    expect(next.model.header.reading).toEqual(model.header.reading);
    expect(next.model.weights).toEqual(model.weights);
    expect(next.reports[0]![0]!.metrics['validation.accuracy']).toBe(1);
    // The names of columns are those of the data.
    const { textColumn, ...inherited } = model.header.reading;
    expect(textColumn).toBe('text');
    expect(inheritedReading(makeSpec(classification, { training }), model)).toEqual(inherited);
  });

  it('has a new head for other classes, over the weights that were learned', async () => {
    const { model } = await trained(words, [makeSpec(classification, learned)]);
    const three = labelled(wordRows.map((row, index) => ({ ...row, label: `${row.label}${index % 3}` })));
    const training = { updates: 1, reportEvery: 1, learningRate: 1e-30, initFrom: { ...start, replaceHead: true } };
    const next = await trained(three, [makeSpec(classification, { training })], model);
    expect(named(next.model.weights, 'recurrent')).toEqual(named(model.weights, 'recurrent'));
    expect(next.model.weights['output.bias']!.shape).toEqual([6]);
    expect(next.model.header.reading.targetVocabulary).toEqual(['A0', 'A1', 'A2', 'B0', 'B1', 'B2']);
    expect(next.model.header.reading.inputVocabulary).toEqual(model.header.reading.inputVocabulary);
  });

  it('trains a new head for another task', async () => {
    const { model } = await trained(words, [makeSpec(classification, learned)]);
    const numbers = labelled(
      wordRows.map(({ text: each }) => ({ text: each, target: each.startsWith('a') ? 10 : 20 })),
    );
    const training = {
      ...learned.training,
      initFrom: { ...start, replaceHead: true },
      freeze: ['embedding', 'recurrent'],
    };
    const { reports } = await trained(numbers, [makeSpec('regression', { training })], model);
    expect(reports[0]!.at(-1)!.metrics['validation.mse']).toBeLessThan(5);
  });

  it('is refused for text or classes that the model does not know', async () => {
    const { model } = await trained(words, [makeSpec(classification)]);
    const spec = makeSpec(classification, { training: { initFrom: start } });
    const [first, ...rest] = wordRows;
    await expect(trained(labelled([{ ...first!, text: 'ä' }, ...rest]), [spec], model)).rejects.toThrow(
      'line 1: the model does not know the character "ä"',
    );
    await expect(trained(labelled([{ ...first!, label: 'C' }, ...rest]), [spec], model)).rejects.toThrow(
      'line 1: the model does not know the label "C"; set training.initFrom.replaceHead: true to learn new ones',
    );
    const language = await trained(text, [makeSpec('language-model')]);
    const other = { kind: 'text', bytes: Buffer.from('quite another one. '.repeat(20)) } as const;
    await expect(
      trained(other, [makeSpec('language-model', { training: { initFrom: start } })], language.model),
    ).rejects.toThrow(/the model does not know 2 of the text's characters, such as ("q" "u"|"u" "q")/);
  });

  it.each([
    [
      'model.hiddenSize',
      makeSpec(classification, { model: { hiddenSize: 8 } }),
      'is 8, but the model that training.initFrom names has 12',
    ],
    ['model.cell', makeSpec(classification, { model: { cell: 'lstm' } }), 'is "lstm"'],
    ['task.tokens', makeSpec({ kind: 'classification', tokens: 'word' }), 'is "word"'],
    ['task.pooling', makeSpec({ kind: 'classification', pooling: 'mean' }), 'is "mean"'],
    ['task.kind', makeSpec('regression'), 'is "regression"'],
  ])('is refused for another %s', (path, spec, message) => {
    const problem = initFromProblem(spec, makeSpec(classification));
    expect(problem!.path).toBe(path);
    expect(problem!.message).toContain(message);
  });
});
