import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DataSource } from '@unroll/datasets';
import { openEngine } from '../backends/open-engine';
import { tf } from '../tensor/tfjs';
import { plainLane } from './lane';
import { LaneGroup } from './lane-group';
import { laneMemory, lanesThatFit, requireRoom } from './lane-memory';
import { initialValues } from '../nn/parameter';
import { openTask, taskParameters } from '../tasks/tasks';

const text: DataSource = {
  kind: 'text',
  bytes: Buffer.from(Array.from({ length: 6000 }, (_, at) => 33 + (((at * 7919) ^ (at >> 3)) % 65))),
};
const labelled: DataSource = {
  kind: 'labelled',
  bytes: Buffer.from(
    Array.from({ length: 90 }, (_, index) =>
      JSON.stringify({ values: Array.from({ length: 20 }, (_, at) => Math.sin(index + at)), label: 'ab'[index % 2] }),
    ).join('\n'),
  ),
};
const pairs: DataSource = {
  kind: 'pairs',
  bytes: Buffer.from(
    Array.from({ length: 90 }, (_, index) => `${'abcdefgh'.slice(index % 5)}\t${'hgfedcba'.slice(index % 4)}`).join(
      '\n',
    ),
  ),
};

const trees: DataSource = {
  kind: 'labelled',
  bytes: Buffer.from(
    Array.from({ length: 90 }, (_, index) => `(${index % 2} ${'(0 a) '.repeat(4 + (index % 3))}(1 b))`).join('\n'),
  ),
};

const makeSpec = (model: object, training: object, task: object | string = 'language-model'): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'a' },
    task,
    model: { embeddingSize: 16, hiddenSize: 32, ...model },
    training: { batchSize: 8, bptt: 16, updates: 5, reportEvery: 5, ...training },
  });

/** Bytes that an update of one lane of `lanes` takes at its most, and what is said that it takes. */
async function measured(spec: TrialSpec, source: DataSource, lanes = 1): Promise<{ said: number; taken: number }> {
  const { codePath } = await openEngine('native');
  const { data } = prepare(source, spec);
  const parameters = taskParameters(spec, data);
  const all = Array.from({ length: lanes }, (_, lane) => ({
    ...{ ...plainLane, ...spec.training, parameters, updates: 0, seed: lane, initFrom: undefined },
    ...{ units: [spec.model.hiddenSize], adaptation: 0 },
    ...{ dropout: spec.model.dropout, recurrentDropout: spec.model.recurrentDropout },
  }));
  const group = new LaneGroup(all, openTask(spec, data), (lane, parameter) => initialValues(parameter, lane.seed));
  group.advance().dispose();
  const before = tf.memory().numBytes;
  const { peakBytes } = await tf.profile(() => {
    group.advance().dispose();
    return tf.scalar(0);
  });
  group.dispose();
  expect(before).toBeGreaterThan(0);
  return { said: laneMemory(spec, data, codePath).bytes, taken: peakBytes / lanes };
}

describe('the memory of a lane', () => {
  it.each([
    ['rnn', {}, {}],
    ['lstm', {}, {}],
    ['gru', {}, {}],
    ['lstm', { hiddenSize: 128 }, {}],
    ['lstm', { layers: 2 }, {}],
    ['gru', { hiddenSize: 96 }, { bptt: 40, batchSize: 4 }],
    ['rnn', { hiddenSize: 256 }, { bptt: 8 }],
    ['peephole-lstm', { hiddenSize: 64 }, {}],
    ['layer-norm-lstm', { hiddenSize: 64 }, {}],
    ['layer-norm-lstm', { layers: 2, residual: true, learnedInitialState: true }, {}],
    ['slstm', { hiddenSize: 64 }, {}],
    ['gru', { recurrentDropout: 0.2 }, {}],
    ['peephole-lstm', { hiddenSize: 96, recurrentDropout: 0.2 }, { bptt: 40, batchSize: 4 }],
    ['lstm', { hiddenSize: 128 }, { bptt: 256, recompute: true }],
    ['gru', { hiddenSize: 96 }, { bptt: 400, batchSize: 4, recompute: true }],
    ['lstm', { layers: 2 }, { bptt: 128, recompute: true }],
  ])('is within a sixth of what an update takes: %s %j %j', async (cell, model, training) => {
    const { said, taken } = await measured(makeSpec({ cell, ...model }, training), text);
    expect(said / taken).toBeGreaterThan(5 / 6);
    expect(said / taken).toBeLessThan(7 / 6);
  });

  it('is that of recorded operations for a width that no shader has', () => {
    const [fused, recorded] = [20, 21].map((hiddenSize) => {
      const spec = makeSpec({ cell: 'layer-norm-lstm', hiddenSize }, {});
      return laneMemory(spec, prepare(text, spec).data, 'wgsl').bytes;
    });
    expect(recorded! / fused!).toBeGreaterThan(2);
  });

  it('of a long window is less than half where gates are computed again', () => {
    const [all, some] = [false, true].map((recompute) => {
      const spec = makeSpec({ cell: 'lstm', hiddenSize: 64 }, { bptt: 400, recompute });
      return laneMemory(spec, prepare(text, spec).data, 'avx2').bytes;
    });
    expect(some! / all!).toBeLessThan(0.5);
  });

  it('is the same for each of several', async () => {
    const spec = makeSpec({ cell: 'lstm' }, {});
    const [one, three] = [await measured(spec, text), await measured(spec, text, 3)];
    expect(three.taken / one.taken).toBeCloseTo(1, 1);
  });

  it.each<[string, object, object, object | string, DataSource]>([
    ['min-gru', {}, {}, 'language-model', text],
    ['lru', {}, {}, 'language-model', text],
    ['selective-ssm', { hiddenSize: 64 }, {}, 'language-model', text],
    ['mlstm', { hiddenSize: 64 }, { bptt: 100 }, 'language-model', text],
    ['mlstm', { layerSizes: [16, 96], hiddenSize: 96 }, {}, 'language-model', text],
    ['mlstm', { heads: 1, hiddenSize: 128 }, { bptt: 4 }, 'language-model', text],
    ['transformer', { heads: 2 }, {}, 'language-model', text],
    ['transformer', { heads: 2, layers: 3, hiddenSize: 64 }, { bptt: 40 }, 'language-model', text],
    ['transformer', { dropout: 0.1 }, {}, 'language-model', text],
    ['lstm', { bidirectional: true }, { bptt: 'full' }, 'classification', labelled],
    ['gru', {}, { bptt: 'full' }, 'sequence-to-sequence', pairs],
    ['lstm', {}, { bptt: 'full' }, 'tree-classification', trees],
  ])('is somewhat more than an update takes: %s %j %j %j', async (cell, model, training, task, source) => {
    const { said, taken } = await measured(makeSpec({ cell, ...model }, training, task), source);
    expect(said / taken).toBeGreaterThan(0.9);
    expect(said / taken).toBeLessThan(4);
  });
});

describe('lanes that fit', () => {
  const gpu = { room: { all: 1e9, one: 1e8 }, synchronous: false };

  it('share four fifths of the memory', () => {
    expect(lanesThatFit({ bytes: 1e7, least: 1, largest: 1 }, gpu)).toBe(80);
    expect(lanesThatFit({ bytes: 1e7, least: 1, largest: 1 }, gpu, { trainers: 4 })).toBe(20);
  });

  it('have their largest tensor within one buffer', () => {
    expect(lanesThatFit({ bytes: 1e7, least: 1, largest: 3e6 }, gpu)).toBe(33);
  });

  it('are at least one, and no more than a device benefits from', () => {
    expect(lanesThatFit({ bytes: 1e12, least: 1, largest: 1e12 }, gpu)).toBe(1);
    expect(lanesThatFit({ bytes: 1, least: 1, largest: 1 }, gpu)).toBe(256);
    expect(lanesThatFit({ bytes: 1, least: 1, largest: 1 }, { ...gpu, synchronous: true })).toBe(16);
    expect(lanesThatFit({ bytes: 1, least: 1, largest: 1 }, gpu, { wanted: 300 })).toBe(300);
  });
});

describe('a network that cannot fit', () => {
  const memory = (model: object) => {
    const spec = makeSpec({ cell: 'lstm', ...model }, {});
    return laneMemory(spec, prepare(text, spec).data, 'avx2');
  };
  const machine = { room: { all: 23e9, one: 8e9 }, synchronous: true };

  it('is refused with what it needs and what there is', () => {
    expect(() => requireRoom(memory({ hiddenSize: 8192, layers: 16 }), machine)).toThrow(
      /^the network needs at least 10\d GB of memory to train, and this device has 23.0 GB: make hiddenSize, layers, batchSize or bptt smaller$/,
    );
    expect(() =>
      requireRoom(memory({ hiddenSize: 4096, layers: 3 }), { ...machine, room: { all: 200e9, one: 1e9 } }),
    ).toThrow(/^the network needs a tensor of 1.\d+ GB, and this device has at most 1.00 GB for one: /);
  });

  it('is not refused where it may fit', () => {
    expect(() => requireRoom(memory({ hiddenSize: 4096, layers: 3 }), machine)).not.toThrow();
    for (const hiddenSize of [8, 512]) {
      const { least, bytes } = memory({ hiddenSize });
      expect(least).toBeLessThan(0.7 * bytes);
    }
  });
});
