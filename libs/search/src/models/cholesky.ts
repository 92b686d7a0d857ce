/** A square matrix in row-major order. */
export type Matrix = Float64Array;

/**
 * The lower triangle L of a positive definite matrix, L·Lᵀ = matrix; entries above the diagonal are unchanged. The first `known` rows
 * of the matrix are rows of L already. Undefined if the matrix is not positive definite.
 */
export function cholesky(matrix: Matrix, size: number, known = 0): Matrix | undefined {
  const lower = Float64Array.from(matrix);
  for (let row = known; row < size; row += 1)
    for (let column = 0; column <= row; column += 1) {
      let sum = lower[row * size + column]!;
      for (let k = 0; k < column; k += 1) sum -= lower[row * size + k]! * lower[column * size + k]!;
      if (column < row) lower[row * size + column] = sum / lower[column * size + column]!;
      else if (sum > 0) lower[row * size + row] = Math.sqrt(sum);
      else return undefined;
    }
  return lower;
}

/** Solves L·x = right, in place. */
export function solveLower(lower: Matrix, size: number, right: Float64Array): Float64Array {
  for (let row = 0; row < size; row += 1) {
    let sum = right[row]!;
    for (let k = 0; k < row; k += 1) sum -= lower[row * size + k]! * right[k]!;
    right[row] = sum / lower[row * size + row]!;
  }
  return right;
}

/** Solves Lᵀ·x = right, in place. */
export function solveUpper(lower: Matrix, size: number, right: Float64Array): Float64Array {
  for (let row = size - 1; row >= 0; row -= 1) {
    const value = right[row]! / lower[row * size + row]!;
    right[row] = value;
    for (let k = 0; k < row; k += 1) right[k] = right[k]! - lower[row * size + k]! * value;
  }
  return right;
}

/** (L·Lᵀ)⁻¹, both triangles. */
export function inverse(lower: Matrix, size: number): Matrix {
  // Row i of `rows` is column i of L⁻¹, so that the sums below access memory sequentially.
  const rows = new Float64Array(size * size);
  for (let column = 0; column < size; column += 1) {
    const row = rows.subarray(column * size, (column + 1) * size);
    row[column] = 1 / lower[column * size + column]!;
    for (let i = column + 1; i < size; i += 1) {
      let sum = 0;
      for (let k = column; k < i; k += 1) sum -= lower[i * size + k]! * row[k]!;
      row[i] = sum / lower[i * size + i]!;
    }
  }
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j <= i; j += 1) {
      let sum = 0;
      for (let k = i; k < size; k += 1) sum += rows[i * size + k]! * rows[j * size + k]!;
      result[i * size + j] = sum;
      result[j * size + i] = sum;
    }
  return result;
}
