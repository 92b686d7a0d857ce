import { unitOf } from '@unroll/contracts';

/**
 * Indices of at most `most` points that keep the shape of a curve: largest triangle three buckets (Steinarsson 2013). They include the
 * first and the last point, so `most` must be at least 2. A bucket with non-finite values keeps the first of those, so that gaps stay
 * visible.
 */
export function downsample(updates: readonly number[], whole: readonly number[], most: number): number[] {
  const count = updates.length;
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
  // The areas of triangles of large values would not be finite.
  const unit = unitOf(whole);
  const values = whole.map((value) => value / unit);
  const kept = [0];
  const size = (count - 2) / (most - 2);
  for (let bucket = 0; bucket < most - 2; bucket += 1) {
    const [from, to] = [1 + Math.floor(bucket * size), 1 + Math.floor((bucket + 1) * size)];
    const next = centre(updates, values, to, Math.min(count, 1 + Math.floor((bucket + 2) * size)));
    kept.push(largest(updates, values, from, to, kept.at(-1)!, next));
  }
  kept.push(count - 1);
  return kept;
}

type Place = readonly [update: number, value: number];

/** The mean of a bucket's finite points; if it has none, of its updates only. */
function centre(updates: readonly number[], values: readonly number[], from: number, to: number): Place {
  let [update, value, finite] = [0, 0, 0];
  for (let index = from; index < to; index += 1) {
    update += updates[index]!;
    if (!Number.isFinite(values[index])) continue;
    value += values[index]!;
    finite += 1;
  }
  const points = Math.max(1, to - from);
  return [update / points, finite > 0 ? value / finite : NaN];
}

/** The point of a bucket with the largest triangle to the last point kept and the centre of the next bucket. */
function largest(
  updates: readonly number[],
  values: readonly number[],
  from: number,
  to: number,
  last: number,
  [nextUpdate, nextValue]: Place,
): number {
  const lastValue = Number.isFinite(values[last]) ? values[last]! : nextValue;
  const towards = Number.isFinite(nextValue) ? nextValue : lastValue;
  let [best, area] = [from, -1];
  for (let index = from; index < to; index += 1) {
    if (!Number.isFinite(values[index])) return index;
    const width = updates[last]! - nextUpdate;
    const own = Math.abs(
      width * (values[index]! - lastValue) - (updates[last]! - updates[index]!) * (towards - lastValue),
    );
    if (own > area) [best, area] = [index, own];
  }
  return best;
}
