import { prepare } from '@unroll/datasets';
import { stream } from '@unroll/random';
import { gzipSync } from 'node:zlib';
import type { Weights } from '../nn/parameter';
import { dequantised, pruned, quantised, sparsity } from './compress';
import { compressModel } from './compress-model';
import { modelFile, readModel } from './model-file';
import { makeSpec, trained, words } from '../testing/models.fixture';
import { Network } from './network';

const drawn = (seed: number, shape: number[], scale = 1): Weights[string] => ({
  shape,
  values: stream(seed, 'noise')
    .fillNormal(
      0,
      shape.reduce((a, b) => a * b),
    )
    .map((value) => value * scale),
});
const weights: Weights = {
  'embedding.weight': drawn(1, [5, 4], 100),
  'recurrent.weight_ih_l0': drawn(2, [8, 4]),
  'recurrent.weight_ih_l1': drawn(3, [8, 4], 0.01),
  'recurrent.weight_hh_l0': drawn(4, [8, 8]),
  'recurrent.bias_ih_l0': drawn(5, [8], 1e-3),
};

describe('pruning', () => {
  it('sets the smallest values of each kind of matrix to 0, across all of that kind, and no bias', () => {
    const half = pruned(weights, 0.5);
    const zeros = (name: string): number => half[name]!.values.filter((value) => value === 0).length;
    // Those of the second layer are a hundred times smaller: they go first.
    expect([zeros('recurrent.weight_ih_l0'), zeros('recurrent.weight_ih_l1')].reduce((a, b) => a + b)).toBe(32);
    expect(zeros('recurrent.weight_ih_l1')).toBeGreaterThan(28);
    expect([zeros('embedding.weight'), zeros('recurrent.weight_hh_l0')]).toEqual([10, 32]);
    expect(half['recurrent.bias_ih_l0']).toEqual(weights['recurrent.bias_ih_l0']);
    expect(sparsity(half)).toBe(0.5);
    const kept = half['embedding.weight']!.values.filter((value) => value !== 0).map(Math.abs);
    const gone = weights['embedding.weight']!.values.filter((_, at) => half['embedding.weight']!.values[at] === 0);
    expect(Math.min(...kept)).toBeGreaterThan(Math.max(...gone.map(Math.abs)));
  });
});

describe('quantisation', () => {
  it('is off by at most half a step of each row, and keeps zeros', () => {
    const stored = quantised(pruned(weights, 0.3));
    const read = dequantised(stored);
    for (const [name, each] of Object.entries(pruned(weights, 0.3))) {
      const own = stored[name]!;
      if (own.dtype === 'F32') {
        expect(name).toBe('recurrent.bias_ih_l0');
        continue;
      }
      const columns = each.shape[1]!;
      each.values.forEach((value, at) => {
        const scale = own.scales[Math.floor(at / columns)]!;
        expect(Math.abs(read[name]!.values[at]! - value)).toBeLessThanOrEqual(scale * 0.5001);
        if (value === 0) expect(read[name]!.values[at]).toBe(0);
      });
    }
  });
});

describe('a compressed model', () => {
  it('is smaller, can be read back with the measured metrics, and records its compression', async () => {
    const spec = makeSpec(
      { kind: 'classification' },
      { model: { hiddenSize: 32 }, training: { updates: 60, learningRate: 0.02 } },
    );
    const { model } = await trained(words, [spec]);
    const whole = modelFile(model);
    const { file, model: smaller } = compressModel(model, { prune: 0.5, int8: true });
    expect(readModel(file)).toEqual(smaller);
    expect(smaller.header.compression).toEqual({ prune: 0.5, int8: true });
    expect(file.length).toBeLessThan(whole.length / 2);
    const thin = compressModel(model, { prune: 0.8, int8: false });
    expect(thin.file.length).toBeGreaterThanOrEqual(whole.length);
    expect(gzipSync(thin.file).length).toBeLessThan(gzipSync(whole).length / 2);

    const data = prepare(words, { ...spec, reading: model.header.reading }).data;
    const losses = [];
    for (const each of [model, compressModel(model, { prune: 0, int8: true }).model, smaller]) {
      const network = new Network(each, data);
      losses.push((await network.measure()).loss!);
      network.dispose();
    }
    expect(Math.abs(losses[1]! - losses[0]!)).toBeLessThan(0.05);
    expect(losses[2]).not.toBe(losses[0]);
  });
});
