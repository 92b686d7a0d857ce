/** A curve as it is drawn. */
export interface ShownCurve {
  key: string;
  label: string;
  /** Strictly ascending. */
  updates: readonly number[];
  values: readonly (number | null)[];
  colour: string;
  dash?: number[] | undefined;
}
