/** One labelled sequence as read. Exactly one of `text`, `symbols` and `frames` is set. */
export interface LabelledRow {
  text?: string;
  symbols?: string[];
  frames?: number[][];
  /** A class or a number. */
  label?: string;
  /** One class per step. */
  tags?: string[];
  /** The part of the split that the data assign it to. */
  part?: string;
  /** Its place in the file, for messages. */
  place: string;
}
