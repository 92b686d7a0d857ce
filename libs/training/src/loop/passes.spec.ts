import { trialSpec, type TrialSpec } from '@unroll/contracts';
import { prepare, type DataSource } from '@unroll/datasets';
import { everyFastEngine } from '../testing/for-each-engine';
import { packedLines } from '../inference/packed-lines';
import type { OpenTask } from '../tasks/task';
import { openTask, taskParameters } from '../tasks/tasks';
import { initialValues } from '../nn/parameter';
import { tf } from '../tensor/tfjs';
import { plainLane } from './lane';
import { LaneGroup } from './lane-group';
import { lanesPerPass } from './lane-memory';
import { passesOf } from './passes';

const text: DataSource = { kind: 'text', bytes: Buffer.from('a quick brown fox, and a lazy dog. '.repeat(20)) };

const makeSpec = (model: object, training: object = {}): TrialSpec =>
  trialSpec.parse({
    dataset: { name: 'fox' },
    task: 'language-model',
    model: { hiddenSize: 8, embeddingSize: 4, ...model },
    training: { batchSize: 3, bptt: { k1: 4, k2: 8 }, updates: 5, reportEvery: 5, ...training },
  });

/** A group of five lanes. */
function openLanes(spec: TrialSpec, perPass: number, change = (task: OpenTask<unknown>) => task): LaneGroup {
  const { data } = prepare(text, spec);
  const lanes = [1, 2, 3, 4, 5].map((seed) => ({
    ...{ ...plainLane, ...spec.training, parameters: taskParameters(spec, data), seed, learningRate: 0.01 * seed },
    ...{ updates: 0, initFrom: undefined, units: [spec.model.hiddenSize], adaptation: 0 },
    ...{ dropout: spec.model.dropout, recurrentDropout: spec.model.recurrentDropout },
  }));
  const first = (lane: { seed: number }, parameter: Parameters<typeof initialValues>[0]) =>
    initialValues(parameter, lane.seed);
  const own = { lanesPerPass: perPass, writeLine: packedLines(spec, data) };
  return new LaneGroup(lanes, change(openTask(spec, data)), first, own);
}

/** Losses, norms, weights and validation of five lanes after four updates. */
async function trained(spec: TrialSpec, perPass: number) {
  const before = tf.memory().numTensors;
  const group = openLanes(spec, perPass);
  const answers: number[][] = [];
  for (let update = 0; update < 4; update++) {
    const answer = group.advance();
    answers.push([...(await answer.data())]);
    answer.dispose();
  }
  const flat = [...(await group.parameters.flat.data())];
  const held = await group.evaluate([0, 2, 4], () => Promise.resolve());
  group.dispose();
  return { answers, flat, held, left: tf.memory().numTensors - before };
}

describe('passes', () => {
  it('have all lanes, as equally as they can', () => {
    expect(passesOf(4, 3)).toEqual([
      { from: 0, to: 2, of: 4 },
      { from: 2, to: 4, of: 4 },
    ]);
    expect(passesOf(5, Infinity)).toEqual([{ from: 0, to: 5, of: 5 }]);
    expect(passesOf(7, 2).map(({ from, to }) => to - from)).toEqual([2, 2, 1, 2]);
  });

  it('have fewer lanes the more a lane holds, one at least, and all of them on a GPU', () => {
    const perPass = (hiddenSize: number, synchronous = true): number => {
      const spec = makeSpec({ cell: 'lstm', hiddenSize }, { batchSize: 32, bptt: 64 });
      return lanesPerPass(spec, prepare(text, spec).data, { codePath: synchronous ? 'avx2' : 'wgsl', synchronous });
    };
    const all = [16, 64, 128, 256, 1024].map((size) => perPass(size));
    expect(all).toEqual(all.toSorted((a, b) => b - a));
    expect(all[0]).toBeGreaterThanOrEqual(8);
    expect(all.at(-1)).toBe(1);
    expect(perPass(1024, false)).toBe(Infinity);
  });
});

describe.each(everyFastEngine)('lanes on $label', ({ open }) => {
  it.each([
    ['lstm', {}, {}],
    ['gru', { layers: 2, dropout: 0.2 }, { clipNorm: 1, optimizer: 'adamw' }],
    ['transformer', { heads: 2 }, { bptt: 6 }],
  ])('have the same numbers in whatever passes, bit for bit: %s', async (cell, model, training) => {
    await open();
    const spec = makeSpec({ cell, ...model }, training);
    const together = await trained(spec, Infinity);
    for (const perPass of [1, 2]) expect(await trained(spec, perPass)).toEqual(together);
    expect(together.left).toBe(0);
  });

  it('leave nothing of the passes before one that fails', async () => {
    await open();
    let calls = 0;
    const group = openLanes(makeSpec({ cell: 'lstm' }), 2, (task) => ({
      ...task,
      loss: (...given) => {
        if (++calls === 3) throw new Error('no memory is left');
        return task.loss(...given);
      },
    }));
    const before = tf.memory().numTensors;
    expect(() => group.advance()).toThrow('no memory is left');
    expect(tf.memory().numTensors).toBe(before);
    group.advance().dispose();
    group.dispose();
  });
});

describe('lanes that write one after another', () => {
  it('let others run in between', async () => {
    await everyFastEngine.find(({ name }) => name === 'native')!.open();
    const group = openLanes(makeSpec({ cell: 'gru' }), Infinity);
    let turns = 0;
    const lines = await group.sample([0, 1, 4], 5, () => Promise.resolve(void turns++));
    expect(lines.map((line) => line.length)).toEqual([5, 5, 5]);
    expect(turns).toBe(3);
    group.dispose();
  });
});
