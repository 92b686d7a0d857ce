import type { EngineName } from '@unroll/contracts';
import type { Engine } from '../backends/engine/engine';
import { openEngine } from '../backends/open-engine';
import { tf, type Tensor } from '../tensor/tfjs';
import { judge, relativeError, type Verification } from './comparison';

/*
 * TensorFlow.js' WebGPU kernels are written for floats: one that does not compile for another type leaves zeros, and says nothing. Each
 * kernel that this library gives whole numbers or truth values is held against the engine cpu here; dispatches.spec.ts finds those that
 * are missing.
 */
const types = ['float32', 'int32', 'bool'] as const;
type Type = (typeof types)[number];

const valuesOf: Record<Type, (index: number) => number> = {
  float32: (index) => Math.sin(1 + index),
  int32: (index) => ((index * 7) % 23) - 5,
  bool: (index) => Number(index % 3 === 0),
};
const make = (type: Type, shape: number[]): Tensor =>
  tf.tensor(
    Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => valuesOf[type](index)),
    shape,
    type,
  );
const places = (count: number): Tensor => tf.range(0, count, 1, 'int32');

type Case = readonly [name: string, compute: (type: Type) => Tensor];

/** What moves numbers without changing them, for every type. */
const moves: Case[] = [
  ['transpose of two dimensions', (type) => tf.transpose(make(type, [33, 20]))],
  ['transpose of the first two of three', (type) => tf.transpose(make(type, [2, 3, 4]), [1, 0, 2])],
  ['transpose of the last two of three', (type) => tf.transpose(make(type, [2, 3, 4]), [0, 2, 1])],
  ['transpose of four', (type) => tf.transpose(make(type, [2, 3, 4, 5]), [0, 2, 1, 3])],
  ['transpose of six', (type) => tf.transpose(make(type, [2, 3, 1, 2, 4, 2]), [5, 0, 3, 2, 4, 1])],
  ['transpose of many', (type) => tf.transpose(make(type, [40, 30, 20]), [2, 0, 1])],
  ['reshape', (type) => tf.reshape(make(type, [2, 6]), [3, 4])],
  ['expandDims', (type) => tf.expandDims(make(type, [2, 3]), 1)],
  ['zerosLike', (type) => tf.zerosLike(make(type, [2, 3]))],
  ['slice', (type) => tf.slice(make(type, [4, 6]), [1, 2], [2, 3])],
  ['gather of rows', (type) => tf.gather(make(type, [4, 6]), places(3))],
  ['gather of columns', (type) => tf.gather(make(type, [4, 6]), places(3), 1)],
  ['concat of rows', (type) => tf.concat([make(type, [2, 3]), make(type, [4, 3])], 0)],
  ['concat of columns', (type) => tf.concat([make(type, [2, 3]), make(type, [2, 4])], 1)],
  ['split', (type) => tf.split(make(type, [4, 6]), 2, 1)[1]!],
  ['stack', (type) => tf.stack([make(type, [2, 3]), make(type, [2, 3])], 1)],
  ['unstack', (type) => tf.unstack(make(type, [2, 3]), 1)[1]!],
  ['tile', (type) => tf.tile(make(type, [2, 3]), [2, 2])],
  [
    'pad',
    (type) =>
      tf.pad(make(type, [2, 3]), [
        [1, 1],
        [0, 2],
      ]),
  ],
  ['reverse', (type) => tf.reverse(make(type, [2, 3]), 1)],
  ['where', (type) => tf.where(make('bool', [2, 3]), make(type, [2, 3]), tf.onesLike(make(type, [2, 3])))],
  ['cast to float32', (type) => tf.cast(make(type, [2, 3]), 'float32')],
  ['cast to int32', (type) => tf.cast(make(type, [2, 3]), 'int32')],
  ['cast to bool', (type) => tf.cast(make(type, [2, 3]), 'bool')],
];

/** What computes, for numbers. */
const computes: Case[] = [
  ['add', (type) => tf.add(make(type, [2, 3]), make(type, [3]))],
  ['sub', (type) => tf.sub(make(type, [2, 3]), make(type, [3]))],
  ['mul', (type) => tf.mul(make(type, [2, 3]), make(type, [3]))],
  ['maximum', (type) => tf.maximum(make(type, [2, 3]), make(type, [3]))],
  ['minimum', (type) => tf.minimum(make(type, [2, 3]), make(type, [3]))],
  ['floorDiv', (type) => tf.floorDiv(make(type, [2, 3]), make(type, [3]))],
  ['equal', (type) => tf.equal(make(type, [2, 3]), make(type, [3]))],
  ['notEqual', (type) => tf.notEqual(make(type, [2, 3]), make(type, [3]))],
  ['greater', (type) => tf.greater(make(type, [2, 3]), make(type, [3]))],
  ['less', (type) => tf.less(make(type, [2, 3]), make(type, [3]))],
  ['lessEqual', (type) => tf.lessEqual(make(type, [2, 3]), make(type, [3]))],
  ['greaterEqual', (type) => tf.greaterEqual(make(type, [2, 3]), make(type, [3]))],
  ['addN of more than a shader can bind', (type) => tf.addN(Array.from({ length: 65 }, () => make(type, [4, 6])))],
  ['sum', (type) => tf.sum(make(type, [4, 6]), 1)],
  ['max', (type) => tf.max(make(type, [4, 6]), 1)],
  ['argMax', (type) => tf.argMax(make(type, [4, 6]), 1)],
  ['cumsum', (type) => tf.cumsum(make(type, [4, 6]), 1)],
  ['topk', (type) => tf.topk(make(type, [4, 6]), 2).indices],
];

const others: readonly (readonly [string, Type, Case[1]])[] = [
  ['oneHot', 'int32', () => tf.oneHot(places(4), 5)],
  ['logicalAnd', 'bool', () => tf.logicalAnd(make('bool', [6]), tf.onesLike(make('bool', [6])))],
  ['logicalNot', 'bool', () => tf.logicalNot(make('bool', [6]))],
  ['sum', 'bool', () => tf.sum(make('bool', [4, 6]), 1)],
  ['any', 'bool', () => tf.any(make('bool', [4, 6]), 1)],
  ['mul with floats', 'bool', () => tf.mul(make('bool', [4, 6]), make('float32', [4, 6]))],
];

/** A kernel with one type of number. */
export interface KernelCase {
  name: string;
  compute: () => Tensor;
}

const cases: readonly (readonly [string, Type, Case[1]])[] = [
  ...types.flatMap((type) => moves.map(([name, compute]) => [name, type, compute] as const)),
  ...types.slice(0, 2).flatMap((type) => computes.map(([name, compute]) => [name, type, compute] as const)),
  ...others,
];

export const kernelCases: readonly KernelCase[] = cases.map(([name, type, compute]) => ({
  name: `${name}, ${type}`,
  compute: () => tf.tidy(() => compute(type)),
}));

const tolerance = 1e-5;

interface Result {
  /** The type and the shape. */
  kind: string;
  values: number[];
}

/** What each kernel gives on an engine, or why it fails. */
async function resultsOn(engine: EngineName): Promise<(Result | Error)[]> {
  await openEngine(engine);
  const results: (Result | Error)[] = [];
  for (const { compute } of kernelCases)
    try {
      const result = compute();
      const values = await result.data().finally(() => result.dispose());
      results.push({ kind: `${result.dtype} ${result.shape.join('×')}`, values: Array.from(values, Number) });
    } catch (error) {
      results.push(error as Error);
    }
  return results;
}

/**
 * Holds the kernels of TensorFlow.js that an engine runs with, with each type of number, against those of the engine cpu. The engine is
 * current afterwards. @throws Error where the engine breaks
 */
export async function verifyKernels({ name, codePath }: Pick<Engine, 'name' | 'codePath'>): Promise<Verification[]> {
  const expected = await resultsOn('cpu');
  const results = await resultsOn(name);
  return kernelCases.map((each, index) => {
    const [ours, theirs] = [results[index]!, expected[index]!];
    const isComparable = !(ours instanceof Error) && !(theirs instanceof Error) && ours.kind === theirs.kind;
    const error = isComparable ? relativeError(ours.values, theirs.values) : Infinity;
    const worst = ours instanceof Error ? ours.message : 'its values';
    return judge(`TensorFlow.js: ${each.name}`, codePath, { tolerance }, new Map([[worst, error]]));
  });
}
