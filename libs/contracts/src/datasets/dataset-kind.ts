/** What the bytes of a data set are. A new kind is one file beside this one and one entry in index.ts; libs/datasets reads it. */
export interface DatasetKindDefinition {
  readonly kind: string;
  /** What it holds, and in which formats. */
  readonly description: string;
  /** Whether it runs along time, so that it is split by time and can be folded forward; otherwise its examples are shuffled. */
  readonly isOrdered: boolean;
  /** Whether the bytes are an archive of a folder. */
  readonly archive: 'never' | 'optional' | 'required';
  /** What the files of the archive are. */
  readonly archiveHolds?: 'recordings' | 'texts';
  /** How many bytes a file that is no archive may have uncompressed, if it may be compressed by gzip. */
  readonly mostUncompressed?: number;
  /** Whether the file, or those of the archive, may be a table with types: Parquet, Arrow, NumPy. */
  readonly mayBeTyped?: boolean;
  /** Options of a trial's data set, by path, that this kind alone has; others refuse them. */
  readonly options: readonly string[];
}
