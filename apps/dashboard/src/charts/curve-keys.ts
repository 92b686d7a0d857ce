/** A point of a curve, by the index of the curve and of the point. */
export interface CurvePoint {
  curve: number;
  at: number;
}

type Values = ArrayLike<number | null | undefined>;

/** Keys that move over curves: up and down to the next one, left and right along it. */
const curveSteps: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1 };
const pointSteps: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 };

/** The point that a key leads to from another one, at first from the end of the first curve; undefined if the key leads nowhere. */
export function pointAfter(key: string, curves: readonly Values[], from: CurvePoint | null): CurvePoint | undefined {
  const [step, along] = [curveSteps[key], pointSteps[key]];
  if (curves.length === 0 || (step === undefined && along === undefined)) return undefined;
  if (from === null || from.curve >= curves.length) return nearestPoint(curves, 0, Infinity);
  if (step !== undefined) return nearestPoint(curves, (from.curve + step + curves.length) % curves.length, from.at);
  const values = curves[from.curve]!;
  for (let at = from.at + along!; at >= 0 && at < values.length; at += along!)
    if (typeof values[at] === 'number') return { curve: from.curve, at };
  return from;
}

/** The point of a curve that is nearest to an index; the last one of those equally near. */
function nearestPoint(curves: readonly Values[], curve: number, wanted: number): CurvePoint | undefined {
  const values = curves[curve]!;
  let best: number | undefined;
  for (let at = 0; at < values.length; at += 1)
    if (typeof values[at] === 'number' && (best === undefined || Math.abs(at - wanted) <= Math.abs(best - wanted)))
      best = at;
  return best === undefined ? undefined : { curve, at: best };
}
