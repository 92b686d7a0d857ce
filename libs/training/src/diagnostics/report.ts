import type { Diagnostics } from '@unroll/contracts';
import type { Inspection } from '../tasks/task';
import type { Inside } from './inspect';
import { gradientByDistance, keptDistances, memoryHorizon } from './memory';

/** A number as it is stored: 4 significant digits, null where it is not finite. */
export const stored = (value: number): number | null => (Number.isFinite(value) ? Number(value.toPrecision(4)) : null);

/** The diagnostics in a lane's report. `units`: units of a layer, without padding. */
export function toDiagnostics(
  { lengths, layers }: Inspection,
  { norms, saturated, gates }: Inside,
  gradientNorms: Readonly<Record<string, number>>,
  units: number,
): Diagnostics {
  const profiles = norms.map((each) => gradientByDistance(each, lengths));
  const distances = keptDistances(profiles[0]?.length ?? 0);
  const steps = lengths.reduce((sum, length) => sum + length, 0);
  return {
    gradientNorms: Object.fromEntries(Object.entries(gradientNorms).map(([group, norm]) => [group, stored(norm)])),
    memoryHorizon: memoryHorizon(profiles) ?? null,
    farthest: Math.max(0, (profiles[0]?.length ?? 0) - 1),
    saturation: saturated === undefined ? null : stored(saturated / (layers * gates * units * steps)),
    distances,
    gradient: profiles.map((profile) => distances.map((distance) => stored(profile[distance]!))),
  };
}
