import { elementCount, type Initialiser } from './start';

/**
 * A random orthogonal matrix in each gate's block (Saxe et al. 2014): Q of the QR decomposition of a normal matrix, with
 * R's diagonal positive, so that all orthogonal matrices are equally likely. If it is not square, the rows are orthonormal
 * if there are fewer rows than columns, else the columns. Takes time cubic in the size: a tenth of a second for 512 units.
 */
export const orthogonal: Initialiser = (shape, draw) => {
  const { blocks, rows, columns } = shape;
  const drawn = draw.normal(elementCount(shape));
  const values = new Float32Array(drawn.length);
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)];
  for (let block = 0; block < blocks; block++) {
    const begin = block * rows * columns;
    // Vector v's element e, whether vectors are rows or columns.
    const at = (v: number, e: number): number => begin + (rows <= columns ? v * columns + e : e * columns + v);
    const vectors = Array.from({ length: count }, (_, v) =>
      Float64Array.from({ length }, (_element, e) => drawn[at(v, e)]!),
    );
    orthonormalise(vectors);
    vectors.forEach((vector, v) => vector.forEach((value, e) => (values[at(v, e)] = value)));
  }
  return values;
};

/** Modified Gram-Schmidt in float64: for a normal matrix the loss of orthogonality is far below float32's rounding. */
function orthonormalise(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, index) => {
    const size = Math.sqrt(dot(vector, vector));
    for (let e = 0; e < vector.length; e++) vector[e]! /= size;
    for (const later of vectors.slice(index + 1)) {
      const along = dot(later, vector);
      for (let e = 0; e < vector.length; e++) later[e]! -= along * vector[e]!;
    }
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let e = 0; e < a.length; e++) sum += a[e]! * b[e]!;
  return sum;
}
