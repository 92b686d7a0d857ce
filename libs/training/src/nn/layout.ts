import { hasKernel, joinKernel, normsKernel, splitKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { arrayShape, extract, logicalShape, place, type Parameter, type Weights } from './parameter';

/** The flat vector is a multiple of this long, so that it can be summed in two stages. */
const chunk = 64;

/**
 * The layout of a lane's parameters in one flat vector, the same for all lanes of a group: the optimizer then takes a dozen
 * operations an update, however many parameters there are.
 */
export interface Layout {
  names: readonly string[];
  /** Our shape of each parameter without the lane axis. */
  shapes: readonly (readonly [number, number])[];
  offsets: readonly number[];
  /** Length of a lane's vector. */
  length: number;
}

/** The layout of `parameters`. Lanes of one bucket have the same. */
export function createLayout(parameters: readonly Parameter[]): Layout {
  const shapes = parameters.map(arrayShape);
  const offsets: number[] = [];
  let end = 0;
  for (const [rows, columns] of shapes) {
    offsets.push(end);
    end += rows * columns;
  }
  return {
    names: parameters.map(({ name }) => name),
    shapes,
    offsets,
    length: Math.max(1, Math.ceil(end / chunk)) * chunk,
  };
}

/** A lane's flat vector from PyTorch's values. Throws Error where a parameter is missing or has another size. */
export function flatten(
  parameters: readonly Parameter[],
  valuesFor: (parameter: Parameter) => ArrayLike<number>,
): Float32Array {
  const layout = createLayout(parameters);
  const flat = new Float32Array(layout.length);
  parameters.forEach((parameter, index) => {
    const values = valuesFor(parameter);
    const expected = logicalShape(parameter);
    if (values?.length !== expected.reduce((product, size) => product * size, 1))
      throw new Error(`${parameter.name} must have the shape [${expected.join(', ')}]`);
    place(parameter, values, flat, layout.offsets[index]!);
  });
  return flat;
}

/** PyTorch's values from a lane's flat vector. */
export function unflatten(parameters: readonly Parameter[], flat: Float32Array): Weights {
  const { offsets } = createLayout(parameters);
  return Object.fromEntries(
    parameters.map((parameter, index) => [
      parameter.name,
      { shape: logicalShape(parameter), values: extract(parameter, flat, offsets[index]!) },
    ]),
  );
}

/**
 * The parameters of some lanes, all by default, as tensors of their own: [lane, length] → each [lane, rows, columns]. `lanes`: from the
 * first up to but not including the second.
 */
export function split(flat: Tensor, { shapes, offsets }: Layout, lanes?: readonly [number, number]): Tensor[] {
  const [from, to] = lanes ?? [0, flat.shape[0]];
  if (hasKernel(splitKernel)) return runKernel(splitKernel, { flat }, { shapes, offsets, from, to });
  return shapes.map(([rows, columns], index) =>
    tf.reshape(tf.slice(flat, [from, offsets[index]!], [to - from, rows * columns]), [to - from, rows, columns]),
  );
}

/** The inverse: tensors [lane, rows, columns] → [lane, length]. */
export const join = (tensors: readonly Tensor[], layout: Layout): Tensor => joinPasses([tensors], layout);

/** The same of several groups of lanes, whose lanes follow one another. */
export function joinPasses(passes: readonly (readonly Tensor[])[], layout: Layout): Tensor {
  const { offsets, length } = layout;
  if (!hasKernel(joinKernel)) {
    const all = passes.map((tensors) => joinOne(tensors, layout));
    return all.length === 1 ? all[0]! : tf.concat(all, 0);
  }
  const inputs: Record<string, Tensor> = {};
  passes.flat().forEach((tensor, index) => (inputs[index] = tensor));
  return runKernel(joinKernel, inputs, { offsets, length })[0]!;
}

function joinOne(tensors: readonly Tensor[], { shapes, length }: Layout): Tensor {
  const lanes = tensors[0]!.shape[0];
  const used = shapes.reduce((sum, [rows, columns]) => sum + rows * columns, 0);
  const flat = tensors.map((tensor, index) => tf.reshape(tensor, [lanes, shapes[index]![0] * shapes[index]![1]]));
  return tf.concat(length > used ? [...flat, tf.zeros([lanes, length - used])] : flat, 1);
}

/** The Euclidean norm of each lane's vector: [lane, length] → [lane, 1]. In two stages, which keeps float32 accurate enough. */
export function norms(flat: Tensor): Tensor {
  if (hasKernel(normsKernel)) return runKernel(normsKernel, { x: flat })[0]!;
  const [lanes, length] = flat.shape as [number, number];
  const partial = tf.sum(tf.reshape(tf.square(flat), [lanes, length / chunk, chunk]), 2);
  return tf.sqrt(tf.sum(partial, 1, true));
}
