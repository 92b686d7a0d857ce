/** Points of one curve, in order of update. Values may be NaN or infinite. */
export interface Curve {
  updates: number[];
  values: number[];
}

export interface CurvePoints extends Curve {
  name: string;
}
