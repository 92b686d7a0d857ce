import { CarriedStates } from './carried-states';
import { openEngine } from '../backends/open-engine';
import { tf } from '../tensor/tfjs';
import type { States } from '../nn/parameter';

const states = (value: number): States => [[tf.fill([2, 1, 3], value)]];
const perLane = (each: States): number[] => [...tf.max(each[0]![0]!, [1, 2]).dataSync()];

describe('carried states', () => {
  beforeAll(() => openEngine('wasm'));

  it('are those saved `age` windows ago, and zeros before that', () => {
    const carried = new CarriedStates(2);
    expect(perLane(carried.before([0, 0], states(0)))).toEqual([0, 0]);
    carried.save(states(1));
    expect(perLane(carried.before([1, 1], states(0)))).toEqual([0, 0]);
    carried.save(states(2));
    expect(perLane(carried.before([2, 2], states(0)))).toEqual([1, 1]);
    carried.save(states(3));
    expect(perLane(carried.before([3, 3], states(0)))).toEqual([2, 2]);
  });

  it('are chosen lane by lane where one starts over and another continues', () => {
    const carried = new CarriedStates(1);
    carried.save([[tf.fill([2, 1, 3], NaN)]]);
    expect(perLane(carried.before([0, 0], states(0)))).toEqual([0, 0]);
    carried.save(states(7));
    expect(perLane(carried.before([0, 5], states(0)))).toEqual([0, 7]);
  });

  it('leave no tensor behind, and keep none where every window starts from zeros', () => {
    const { numTensors } = tf.memory();
    const carried = new CarriedStates(2);
    for (let window = 0; window < 5; window++) carried.save(states(window));
    expect(tf.memory().numTensors).toBe(numTensors + 2);
    carried.keepLanes((state) => tf.slice(state, [1, 0, 0], [1, 1, 3]));
    expect(tf.memory().numTensors).toBe(numTensors + 2);
    carried.dispose();
    const stateless = new CarriedStates(0);
    stateless.save(states(1));
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
