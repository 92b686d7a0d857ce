import { stream } from '@unroll/random';
import { occupyByLogarithms } from './ctc-logarithms';
import { impossibleLoss, buildPaths } from './ctc-paths';
import { occupyByScaling } from './ctc-scaled';
import { ctcOfSequence } from './ctc-sequence';

const [steps, classes] = [12, 4];
const random = stream(3, 'noise');
const logits = Float32Array.from({ length: steps * classes }, (_, index) => 3 * random.normal(1, index));

function loss(given: Float32Array, labels: number[], count = steps) {
  const slopes = new Float32Array(given.length).fill(NaN);
  const sequence = { logits: given, begin: 0, stride: classes, classes, steps: count, slopes };
  return { nats: ctcOfSequence({ ...sequence, labels: Int32Array.from(labels) }), slopes };
}

describe('CTC of a sequence', () => {
  it('is the same by scaled probabilities and by logarithms, states and all', () => {
    const labels = Int32Array.of(1, 1, 3, 2);
    const logs = Float64Array.from(logits, (logit, at) => {
      const row = logits.subarray(at - (at % classes), at - (at % classes) + classes);
      return logit - Math.log(row.reduce((sum, each) => sum + Math.exp(each), 0));
    });
    const [scaled, exact] = [buildPaths(labels, steps, classes), buildPaths(labels, steps, classes)];
    const nats = occupyByScaling(scaled, logs.map(Math.exp));
    expect(nats).toBeCloseTo(occupyByLogarithms(exact, logs), 10);
    scaled.occupied.forEach((part, index) => expect(part).toBeCloseTo(exact.occupied[index]!, 10));
    expect(loss(logits, [1, 1, 3, 2]).nats).toBeCloseTo(nats, 12);
  });

  it('stays exact where every probability is too small for float64', () => {
    // All steps but one are sure of class 3: a path that spells [1, 2] has to be wrong nearly everywhere, at 900 nats a step.
    const sure = new Float32Array(steps * classes).map((_, at) => (at % classes === 3 ? 900 : 0));
    const { nats, slopes } = loss(sure, [1, 2]);
    // Every path has e^−900 at each step; there are C(steps + 2, 4) of them.
    expect(nats / (900 * steps - Math.log((14 * 13 * 12 * 11) / 24))).toBeCloseTo(1, 6);
    for (let step = 0; step < steps; step++) {
      const row = slopes.subarray(step * classes, (step + 1) * classes);
      expect(row.reduce((sum, each) => sum + each, 0)).toBeCloseTo(0, 6);
      expect(row[3]).toBe(1);
    }
  });

  it('takes logits of −Infinity for no probability, and never makes a NaN of them', () => {
    const without = (excluded: number) => logits.map((logit, at) => (at % classes === excluded ? -Infinity : logit));
    const possible = loss(without(3), [1, 2]);
    expect(possible.nats).toBeGreaterThan(0);
    expect(possible.nats).toBeLessThan(100);
    expect(possible.slopes.every(Number.isFinite)).toBe(true);
    const impossible = loss(without(2), [1, 2]);
    expect(impossible.nats).toBe(impossibleLoss);
    expect(impossible.slopes.every((slope) => slope === 0)).toBe(true);
  });

  it('has no loss without steps and labels, and an impossible one with labels alone', () => {
    expect(loss(logits, [], 0).nats).toBe(0);
    expect(loss(logits, [1], 0).nats).toBe(impossibleLoss);
  });
});
