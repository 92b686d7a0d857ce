/**
 * The discrete Fourier transform of `real` and `imaginary`, in place, by the radix-2 algorithm of Cooley & Tukey 1965.
 * Both have the same length, a power of two, else RangeError.
 */
export function fourier(real: Float64Array, imaginary: Float64Array): void {
  const { length } = real;
  if (length === 0 || (length & (length - 1)) !== 0 || imaginary.length !== length)
    throw new RangeError(`the transform length must be a power of two, not ${length}`);
  reorder(real, imaginary);
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let k = 0; k < half; k++) {
      const angle = (-2 * Math.PI * k) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let at = k; at < length; at += size) {
        const other = at + half;
        const x = real[other]! * cosine - imaginary[other]! * sine;
        const y = real[other]! * sine + imaginary[other]! * cosine;
        real[other] = real[at]! - x;
        imaginary[other] = imaginary[at]! - y;
        real[at]! += x;
        imaginary[at]! += y;
      }
    }
  }
}

/** Bit-reversal permutation. */
function reorder(real: Float64Array, imaginary: Float64Array): void {
  const { length } = real;
  for (let at = 1, reversed = 0; at < length; at++) {
    let bit = length >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (at >= reversed) continue;
    [real[at], real[reversed]] = [real[reversed]!, real[at]!];
    [imaginary[at], imaginary[reversed]] = [imaginary[reversed]!, imaginary[at]!];
  }
}
