import type { Drain } from '@unroll/contracts';

/** Attempts that a worker believed it held, and why it does not. */
export interface LostAttempts {
  /** A stopping rule pruned their trials. */
  pruned: string[];
  /** Their sweep was cancelled, or its budget is used up. */
  cancelled: string[];
  /** Anything else: the lease was lost, the result is already stored, or the sweep was deleted. */
  refused: string[];
}

/** What the database answers to all that a worker tells. */
export interface Answer extends LostAttempts {
  /** How somebody has asked the worker to leave, if it has told of itself. */
  drain?: Drain;
}

/** Joins what several answers said. */
export const joinLost = (all: readonly LostAttempts[]): LostAttempts => ({
  pruned: all.flatMap(({ pruned }) => pruned),
  cancelled: all.flatMap(({ cancelled }) => cancelled),
  refused: all.flatMap(({ refused }) => refused),
});

/** All of them, whatever the reason. */
export const lostIds = ({ pruned, cancelled, refused }: LostAttempts): string[] => [
  ...pruned,
  ...cancelled,
  ...refused,
];
