/** An event of a history: a line of its file. */
export interface HistoryEvent {
  by?: 'server' | 'client';
  event: string;
  [name: string]: unknown;
}

export interface Violation {
  rule: string;
  what: string;
  event: HistoryEvent;
}

/** What must hold, by name. */
export const rules: Record<string, string>;

/** Checks a history; `written` and `acknowledged`: how much it was checked against. */
export function check(events: readonly HistoryEvent[]): {
  violations: Violation[];
  written: number;
  acknowledged: number;
};
