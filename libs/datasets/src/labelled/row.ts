/** One labelled sequence as it was written. Exactly one of `text`, `symbols` and `frames` is there. */
export interface LabelledRow {
  text?: string;
  symbols?: string[];
  frames?: number[][];
  /** A class, or a number. */
  label?: string;
  /** A class for each step. */
  tags?: string[];
  /** The part of the data that it was put into. */
  part?: string;
  /** Where it stands, for messages. */
  place: string;
}
