import type { Diagnostics } from '@unroll/contracts';
import type { Inspection } from '../tasks/task';
import type { Inside } from './inspect';
import { gradientByDistance, keptDistances, memoryHorizon } from './memory';

/** A number as it is stored: 4 significant digits, null where it is not finite. */
export const stored = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

/** The diagnostics in a lane's report. `units`: those of each layer, without padding. */
export function toDiagnostics(
  { lengths }: Inspection,
  { norms, saturated, gates }: Inside,
  gradientNorms: Readonly<Record<string, number>>,
  units: readonly number[],
): Diagnostics {
  const profiles = norms.map((each) => gradientByDistance(each, lengths));
  const distances = keptDistances(profiles[0]?.length ?? 0);
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
  const steps = sum(lengths);
  return {
    gradientNorms: Object.fromEntries(Object.entries(gradientNorms).map(([group, norm]) => [group, stored(norm)])),
    memoryHorizon: memoryHorizon(profiles) ?? null,
    farthest: Math.max(0, (profiles[0]?.length ?? 0) - 1),
    saturation: saturated === undefined ? null : stored(saturated / (gates * sum(units) * steps)),
    distances,
    gradient: profiles.map((profile) => distances.map((distance) => stored(profile[distance]!))),
  };
}
