import { toDimension } from '../space/dimension';
import { GaussianProcess, standardHyperparameters } from './gaussian-process';

const dimensions = ['a', 'b'].map((path) => toDimension(path, { uniform: [0, 1] }, undefined));
const points = Array.from({ length: 20 }, (_, at) => Float64Array.of((at * 0.37) % 1, (at * 0.71) % 1));
const targets = Float64Array.from(points, ([a, b]) => Math.sin(5 * a!) + b! - 1);

describe('a Gaussian process', () => {
  const process = new GaussianProcess(dimensions, points, targets, standardHyperparameters(2));

  it('has at its points the means that it predicts there, close to the targets', () => {
    for (const [index, mean] of process.means().entries()) {
      expect(mean).toBeCloseTo(process.predict(points[index]!).mean, 8);
      expect(Math.abs(mean - targets[index]!)).toBeLessThan(0.05);
    }
  });

  it('bounds its deviation from above, closely beside a point', () => {
    const random = Array.from({ length: 200 }, (_, at) => Float64Array.of((at * 0.617) % 1, (at * 0.381) % 1));
    for (const point of [...random, ...points]) {
      const { mean, atMost } = process.bound(point);
      const exact = process.predict(point);
      expect(mean).toBe(exact.mean);
      expect(exact.deviation).toBeLessThanOrEqual(atMost * (1 + 1e-9));
    }
    const beside = process.bound(Float64Array.of(points[3]![0]! + 1e-3, points[3]![1]!));
    expect(beside.atMost).toBeLessThan(process.bound(Float64Array.of(9, 9)).atMost / 10);
  });

  it('is surer near its points than far from them', () => {
    const near = process.predict(points[3]!).deviation;
    const far = new GaussianProcess(dimensions, points.slice(0, 2), targets.slice(0, 2), standardHyperparameters(2));
    expect(far.predict(Float64Array.of(0.99, 0.01)).deviation).toBeGreaterThan(near);
  });

  it('expects longer length scales the more dimensions there are', () => {
    expect(standardHyperparameters(8)[0]! - standardHyperparameters(2)[0]!).toBeCloseTo(Math.log(2), 12);
  });

  it('continues the factor of its first points to the bits of a new one', () => {
    const hyperparameters = standardHyperparameters(2);
    const first = new GaussianProcess(dimensions, points.slice(0, 12), targets.slice(0, 12), hyperparameters);
    const continued = new GaussianProcess(dimensions, points, targets, hyperparameters, first);
    const afresh = new GaussianProcess(dimensions, points, targets, hyperparameters);
    const point = Float64Array.of(0.4, 0.3);
    expect(continued.predict(point)).toEqual(afresh.predict(point));
    expect(continued.means()).toEqual(afresh.means());
    const others = points.toReversed();
    const unrelated = new GaussianProcess(dimensions, others, targets, hyperparameters, first);
    expect(unrelated.predict(point)).toEqual(
      new GaussianProcess(dimensions, others, targets, hyperparameters).predict(point),
    );
  });

  it('abandons a deviation only where it is below the limit', () => {
    const many = Array.from({ length: 100 }, (_, at) => Float64Array.of((at * 0.377) % 1, (at * 0.713) % 1));
    const values = Float64Array.from(many, ([a, b]) => a! * b!);
    const large = new GaussianProcess(dimensions, many, values, standardHyperparameters(2));
    let abandoned = 0;
    for (let at = 0; at < 50; at += 1) {
      const { near } = large.bound(Float64Array.of((at * 0.617) % 1, (at * 0.381) % 1));
      const exact = large.deviation(near)!;
      for (const limit of [exact * 0.99, exact * 1.5, exact * 3]) {
        const found = large.deviation(near, (atMost) => atMost < limit);
        abandoned += Number(found === undefined);
        if (found !== undefined) expect(found).toBe(exact);
        else expect(exact).toBeLessThan(limit);
      }
    }
    expect(abandoned).toBeGreaterThan(20);
  });
});
