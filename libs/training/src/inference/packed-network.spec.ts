import { encodeInput, joinEncoded } from '@unroll/datasets';
import { tf } from '../tensor/tfjs';
import { everyCodePath, everyEngine } from '../testing/for-each-engine';
import { chords, echoes, makeSpec, sums, text, trained, wave, words, type Changes } from '../testing/models.fixture';
import { Continuation } from '../models/generate';
import type { Model } from '../models/model-file';
import { Network } from '../models/network';
import { quantised, dequantised } from '../models/compress';

const waveRows = Array.from({ length: 12 }, (_, row) => ({
  day: `d${row}`,
  a: 50 + 10 * Math.sin(row / 3),
  b: row % 7,
}));
const inputs = {
  words: ['axyzxyz', 'by', 'bzxyzxyz'],
  sums: [
    [0.5, 0],
    [0.1, 1],
    [0.3, 0],
  ].map((_, index, all) => ({ frames: all.slice(index) })),
  echoes: [{ tokens: ['p', 'q', 'r', 'q'] }, { tokens: ['r'] }],
  wave: [waveRows, waveRows.slice(2)],
  chords: [[[62], [60, 64]], [[60, 64]]],
};
const forecasting = { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 };

type Case = [name: string, ...Parameters<typeof oneOf>];
const oneOf = (
  source: Parameters<typeof trained>[0],
  task: object | string,
  changes: Changes,
  given: readonly unknown[],
) => ({
  ...{ source, task, changes, given },
});
const cases: Case[] = [
  ['a class of two lstm layers', words, 'classification', { model: { cell: 'lstm', layers: 2 } }, inputs.words],
  [
    'a class by the mean of both directions',
    words,
    { kind: 'classification', pooling: 'mean' },
    { model: { cell: 'gru', bidirectional: true, hiddenSize: 40 } },
    inputs.words,
  ],
  ['a number of an rnn', sums, 'regression', { model: { cell: 'rnn', nonlinearity: 'relu' } }, inputs.sums],
  [
    'tags of both directions with residuals',
    echoes,
    'tagging',
    { model: { cell: 'peephole-lstm', bidirectional: true, layers: 3, residual: true } },
    inputs.echoes,
  ],
  ['a forecast', wave, forecasting, { model: { cell: 'slstm' } }, inputs.wave],
  ['labels', chords, 'multilabel-frames', { model: { cell: 'lstm', bidirectional: false } }, inputs.chords],
];

/** Answers on the current engine: those of the network in training, one by one, and side by side. */
async function answersOf(model: Model, given: readonly unknown[]) {
  const { spec, reading } = model.header;
  const encoded = given.map((each) => encodeInput(each, { ...spec, reading }).data);
  const data = joinEncoded(encoded, { task: spec.task, reading });
  const network = new Network(model, data);
  const isThere = network.packed !== undefined;
  const inTraining = await network.answers();
  const before = tf.memory().numTensors;
  const alone = [];
  for (const each of encoded) alone.push(...(await network.answersTo(each)));
  const together = await network.answersTo(data);
  expect(tf.memory().numTensors).toBe(before);
  network.dispose();
  return { isThere, inTraining, alone, together };
}

/** All numbers of an answer, and all else. */
const numbersOf = (answer: unknown): number[] => {
  const found: number[] = [];
  JSON.stringify(answer, (_, value: unknown) => (typeof value === 'number' ? (found.push(value), undefined) : value));
  return found;
};

describe('a network for inference', () => {
  const natives = everyCodePath.filter(({ name }) => name === 'native');

  it.each(cases)(
    'gives %s as in training, alone and side by side, and near it with 8-bit weights',
    async (_, ...given) => {
      const { source, task, changes, given: rows } = oneOf(...given);
      const { model } = await trained(source, [makeSpec(task, changes)]);
      const rounded = {
        header: { ...model.header, compression: { int8: true } },
        weights: dequantised(quantised(model.weights)),
      };
      for (const way of natives) {
        await way.open();
        for (const [own, digits] of [
          [model, 5],
          [rounded, 3],
        ] as const) {
          const { isThere, inTraining, alone, together } = await answersOf(own, rows);
          expect(isThere).toBe(true);
          const right = numbersOf(inTraining);
          const scale = Math.max(1, ...right.map(Math.abs));
          for (const found of [alone, together].map(numbersOf)) {
            expect(found).toHaveLength(right.length);
            found.forEach((value, index) => expect(value / scale).toBeCloseTo(right[index]! / scale, digits));
          }
          // What is beside a sequence changes no bit of its answer.
          if (own === model) expect(together).toEqual(alone);
        }
      }
    },
  );

  it('answers many sequences of any lengths in their order, each as alone', async () => {
    const { model } = await trained(words, [makeSpec('classification', { model: { cell: 'gru', hiddenSize: 20 } })]);
    const many = Array.from({ length: 150 }, (_, index) =>
      'abxyz'.repeat(9).slice(index % 5, (index % 5) + 1 + ((index * 7) % 31)),
    );
    for (const way of natives) {
      await way.open();
      const { alone, together } = await answersOf(model, many);
      expect(together).toHaveLength(many.length);
      expect(together).toEqual(alone);
    }
  });

  it.each<Case>([
    ['tokens, two layers', words, 'classification', { model: { cell: 'lstm', layers: 2 } }, ['axyz', 'b']],
    [
      'tokens, both directions, x·W of all steps at once',
      words,
      'classification',
      { model: { cell: 'gru', layers: 2, bidirectional: true, hiddenSize: 36 } },
      ['axyz', 'b'],
    ],
    ['numbers', sums, 'regression', { model: { cell: 'slstm', layers: 2 } }, inputs.sums],
  ])('answers one sequence in the bits that it has beside itself, whatever it read before: %s', async (_, ...given) => {
    const { source, task, changes, given: rows } = oneOf(...given);
    const { model } = await trained(source, [makeSpec(task, changes)]);
    const { spec, reading } = model.header;
    const rounded = {
      header: { ...model.header, compression: { int8: true } },
      weights: dequantised(quantised(model.weights)),
    };
    // From short to long, of which there is room for more, and back.
    const long = (row: unknown, times: number): unknown =>
      typeof row === 'string'
        ? row.repeat(times)
        : { frames: Array.from({ length: times }, () => (row as { frames: unknown[] }).frames).flat() };
    const all = [1, 20, 3].flatMap((times) => rows.map((row) => long(row, times)));
    const dataOf = (each: unknown) => encodeInput(each, { ...spec, reading }).data;
    for (const way of natives) {
      await way.open();
      // With 8-bit weights, x·W of many units is in float32 for as many rows as two sequences have, and not for one.
      for (const own of model.header.spec.model.hiddenSize > 32 ? [model] : [model, rounded]) {
        const network = new Network(own, dataOf(all[0]));
        for (const each of all) {
          const [data, twice] = [dataOf(each), joinEncoded([dataOf(each), dataOf(each)], { task: spec.task, reading })];
          const beside = await network.answersTo(twice);
          const alone = await network.answersTo(data);
          expect([...alone, ...alone]).toEqual(beside);
        }
        network.dispose();
      }
    }
  });

  it.each([
    ['lstm', { layers: 2 }],
    ['rnn', { layers: 3, residual: true }],
    ['gru', { layers: 2, layerSizes: undefined, embeddingSize: 32, tieWeights: true, hiddenSize: 32 }],
  ])('writes as an engine without it does: %s', async (cell, model) => {
    const training = { bptt: 8, batchSize: 4, updates: 30, reportEvery: 30, learningRate: 0.02 };
    const trainedModel = (await trained(text, [makeSpec('language-model', { model: { cell, ...model }, training })]))
      .model;
    const written: { next: Float32Array[]; tokens: number[] }[] = [];
    for (const way of everyEngine) {
      await way.open();
      const network = new Network(trainedModel);
      expect(network.packed !== undefined).toBe(way.name === 'native');
      const session = await Continuation.open(network, 2);
      await session.read([3, 1, 4, 1, 5]);
      const { packed } = network;
      if (packed) {
        // Token by token, in the bits of one call each.
        const [writes, states] = [packed.writer(), packed.zeroStates()];
        for (const token of [3, 1, 4, 1]) expect(writes(token)).toEqual(packed.logits([token], states));
      }
      const next = [await session.next()];
      await session.read([2]);
      next.push(await session.next(), await session.next());
      const tokens: number[] = [];
      for await (const token of session.draw({ length: 12, temperature: 0.5, seed: 4 })) tokens.push(token);
      next.push(await session.next());
      written.push({ next, tokens });
      network.dispose();
    }
    const [first, ...others] = written;
    for (const { next, tokens } of others) {
      expect(tokens).toEqual(first!.tokens);
      next.forEach((values, at) =>
        values.forEach((value, token) => expect(value).toBeCloseTo(first!.next[at]![token]!, 4)),
      );
    }
  });

  it('is not there for layers that read otherwise, and for no engine but native', async () => {
    const without: [string, Changes, object | string][] = [
      ['attention', {}, { kind: 'classification', pooling: 'attention' }],
      ['batch normalisation', { model: { batchNorm: true } }, 'classification'],
      ['layer normalisation', { model: { cell: 'layer-norm-lstm' } }, 'classification'],
      ['a transformer', { model: { cell: 'transformer', hiddenSize: 12, heads: 2 } }, 'classification'],
      ['learned states', { model: { learnedInitialState: true } }, 'classification'],
    ];
    for (const [, changes, task] of without) {
      const { model } = await trained(words, [makeSpec(task, changes)]);
      const { isThere, alone, inTraining } = await answersOf(model, inputs.words);
      expect(isThere).toBe(false);
      expect(alone).toHaveLength(inTraining.length);
    }
  });
});
