import type { HistoryEvent } from './checker.cjs';

/** Calls `write` with an event for each call of an operation in this process and for each answer, until the returned function is called. */
export function observe(process: string, write: (event: HistoryEvent) => void): () => void;
