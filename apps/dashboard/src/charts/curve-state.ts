export interface CurveState {
  metric: string | undefined;
  /** In [0, 1). */
  smoothing: number;
  logarithmic: boolean;
}

/** The display options of curves in the address: `?metric=validation.loss&smoothing=0.6&scale=log`. */
export function readCurveState(search: URLSearchParams): CurveState {
  const smoothing = Number(search.get('smoothing') ?? 0);
  return {
    metric: search.get('metric') ?? undefined,
    smoothing: smoothing > 0 && smoothing < 1 ? smoothing : 0,
    logarithmic: search.get('scale') === 'log',
  };
}
