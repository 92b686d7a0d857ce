/** Threads of a workgroup that reduces a row. */
export const rowThreads = 64;

/** Sum and maximum over a workgroup's `rowThreads` threads, in a fixed order. */
export const rowReduction = `
var<workgroup> part: array<f32, ${rowThreads}>;
fn workgroupSum(thread: u32, value: f32) -> f32 {
  part[thread] = value;
  workgroupBarrier();
  for (var half = ${rowThreads / 2}u; half > 0u; half /= 2u) {
    if (thread < half) { part[thread] += part[thread + half]; }
    workgroupBarrier();
  }
  let sum = part[0];
  workgroupBarrier();
  return sum;
}
fn workgroupMax(thread: u32, value: f32) -> f32 {
  part[thread] = value;
  workgroupBarrier();
  for (var half = ${rowThreads / 2}u; half > 0u; half /= 2u) {
    if (thread < half) { part[thread] = max(part[thread], part[thread + half]); }
    workgroupBarrier();
  }
  let maximum = part[0];
  workgroupBarrier();
  return maximum;
}`;
