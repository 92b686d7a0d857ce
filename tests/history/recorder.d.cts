import type { HistoryEvent } from './checker.cjs';

/** Runs a statement, and resolves with its rows. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- statements differ
type Query = (text: string) => Promise<any[]>;

/** Has PostgreSQL record from now on what becomes of trials and attempts. */
export function installRecorder(query: Query): Promise<void>;

/** The events of the server, and what is stored now. */
export function recorded(query: Query): Promise<HistoryEvent[]>;

/** Writes events to a file, one a line. */
export function writeHistory(file: string, events: readonly HistoryEvent[]): void;
