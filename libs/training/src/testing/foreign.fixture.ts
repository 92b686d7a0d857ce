import { modelSpec } from '@unroll/contracts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFastest } from './for-each-engine';
import type { RecurrentLayers } from '../models/foreign/recurrent-layers';
import { bodyParameters, outputAxis, runBody, zeroStates } from '../nn/body';
import { arrayShape, extract, place, plainAxis, type Parameter } from '../nn/parameter';
import { denseInput } from '../nn/stack';
import { tf, type Tensor } from '../tensor/tfjs';

interface Numbers {
  shape: number[];
  values: number[];
}

/** Files of other libraries, written by tests/interchange/make_fixtures.py. */
export const fixture = (name: string): string =>
  join(__dirname, '..', '..', '..', '..', 'tests', 'interchange', 'fixtures', name);

/** What those libraries computed with the layers in the files, and from what. */
export const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as {
  input: Numbers;
  outputs: Record<string, Numbers>;
};

/** The outputs of layers over the fixtures' input, [batch, time, directions · units]. */
export async function outputsOf({
  weights,
  cell,
  nonlinearity,
  bidirectional,
}: RecurrentLayers): Promise<Float32Array> {
  await openFastest();
  const layerSizes = Object.entries(weights).flatMap(([name, { shape }]) =>
    /^weight_hh_l\d+$/.test(name) ? [shape[1]!] : [],
  );
  const model = modelSpec.parse({ cell, nonlinearity, bidirectional, layerSizes });
  const { input } = expected;
  const [batch, steps, inputs] = input.shape as [number, number, number];
  const laid = new Map(
    bodyParameters(model, inputs, '').map((each) => [each.name, laidOut(each, weights[each.name]!)]),
  );
  const x = tf.transpose(tf.tensor(input.values, [1, batch, steps, inputs]), [0, 2, 1, 3]);
  const { outputs } = runBody(model, (name) => laid.get(name)!, denseInput(x), {
    training: false,
    states: zeroStates(model, 1, batch),
  });
  const padded = (await tf.transpose(outputs, [0, 2, 1, 3]).data()) as Float32Array;
  const top: Parameter = {
    name: 'outputs',
    axes: [plainAxis(batch * steps), outputAxis(model)],
    transposed: false,
    start: { bound: 0 },
  };
  return extract(top, padded, 0);
}

function laidOut(parameter: Parameter, { values }: { values: Float32Array }): Tensor {
  const shape = arrayShape(parameter);
  const own = new Float32Array(shape[0] * shape[1]);
  place(parameter, values, own, 0);
  return tf.tensor(own, [1, ...shape]);
}

/** The largest difference of values from those expected under a name. */
export function difference(values: ArrayLike<number>, name: string): number {
  const other = expected.outputs[name]!.values;
  if (other.length !== values.length) throw new Error(`${values.length} values, not ${other.length}`);
  return Math.max(...other.map((each, index) => Math.abs(each - values[index]!)));
}
