/** Indices of at most `most` of `count` points, evenly spaced, the first and the last among them. */
export function thin(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.round((index * (count - 1)) / (most - 1)));
}
