/** The rows of one series. */
export interface Span {
  /** Its name; empty for the only series of a file. */
  key: string;
  begin: number;
  end: number;
}

/** The usual distance between the times of a series. */
export interface Step {
  unit: 'fixed' | 'business day' | 'month';
  /** Milliseconds, numbers that count, business days or months. */
  size: number;
  /** For people: 1 hour, 3 months. */
  label: string;
  /** Whether a fixed step of less than a day is what the clock on the wall goes on by: readings at 0:00, 6:00, 12:00 and 18:00. */
  isOnWall?: boolean;
}

/** The times of the rows of a table. */
export interface Clock {
  /** Milliseconds since 1970, or numbers that count. [row] */
  times: Float64Array;
  kind: 'dates' | 'numbers';
  /** Whether times were written with an offset, and so are in UTC. */
  hasOffset: boolean;
  /** The zone of the place, in which times without an offset were written; undefined where they are as the clock on the wall shows them. */
  zone?: string | undefined;
  step?: Step | undefined;
}
