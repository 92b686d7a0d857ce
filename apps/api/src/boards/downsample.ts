/**
 * Indices of at most `most` of a curve's points that keep its shape: largest triangle three buckets (Steinarsson 2013). The first and the last
 * are among them, so that `most` is 2 or more. A bucket with a value that is not finite gives the first such, so that a gap stays one.
 */
export function downsample(updates: readonly number[], values: readonly number[], most: number): number[] {
  const count = updates.length;
  if (count <= most) return Array.from({ length: count }, (_, index) => index);
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

/** The mean of a bucket's finite points; of its updates alone where it has none. */
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

/** Of a bucket the point that spans the largest triangle with the last one kept and the next bucket's centre. */
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
