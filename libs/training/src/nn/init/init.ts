import { he } from './he';
import { identity } from './identity';
import { orthogonal } from './orthogonal';
import { elementCount, type Draw, type Initialiser, type MatrixStart, type Start, type StartShape } from './start';
import { xavier } from './xavier';

/** Every initialiser of a matrix, by its name. */
const initialisers: Record<MatrixStart, Initialiser> = { xavier, he, orthogonal, identity };

/** The first values of a parameter, row-major in PyTorch's shape. */
export function startValues(start: Start, shape: StartShape, draw: Draw): Float32Array {
  if (start === 'normal') return draw.normal(elementCount(shape));
  if ('matrix' in start) return initialisers[start.matrix](shape, draw);
  if ('value' in start) return new Float32Array(elementCount(shape)).fill(start.value);
  if ('ofBlocks' in start) {
    const size = shape.rows * shape.columns;
    return Float32Array.from({ length: elementCount(shape) }, (_, at) =>
      start.ofBlocks(Math.floor(at / size), shape.blocks),
    );
  }
  if ('from' in start) {
    const { from, to, as } = start;
    return draw.uniform(elementCount(shape), 1).map((drawn) => as(from + ((to - from) * (drawn + 1)) / 2));
  }
  const values = draw.uniform(elementCount(shape), start.bound);
  if (start.block) {
    const size = shape.rows * shape.columns;
    values.fill(start.block.value, start.block.index * size, (start.block.index + 1) * size);
  }
  return values;
}
