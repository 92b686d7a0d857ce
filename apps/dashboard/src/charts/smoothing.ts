/**
 * A bias-corrected exponential moving average (Kingma and Ba 2015, section 3). `strength` 0 changes nothing; near 1 only the trend
 * remains. A null (non-finite) value stays null, and the average continues after it.
 */
export function smooth(values: readonly (number | null)[], strength: number): (number | null)[] {
  if (strength <= 0) return [...values];
  let average = 0;
  let weight = 0;
  return values.map((value) => {
    if (value === null) return null;
    average = strength * average + (1 - strength) * value;
    weight = strength * weight + (1 - strength);
    return average / weight;
  });
}
