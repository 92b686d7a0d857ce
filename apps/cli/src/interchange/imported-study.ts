import { CommandFailed } from '../errors/command-failed';
import { isObject } from '../input/is-object';

/** A trial that another tool ran. */
export interface ImportedTrial {
  parameters: Record<string, unknown>;
  /** Its result, or all values of its curve; null for one that is not finite, which the result is not. */
  outcome: { value: number } | { curve: (number | null)[] };
}

/** What another tool's file says, as a study. */
export interface ImportedStudy {
  /** The study, as `POST /v1/studies` takes it. */
  spec: Record<string, unknown> & { name: string; space: Record<string, unknown> };
  trials: ImportedTrial[];
  /** What is different here, for people: one line each. */
  notes: string[];
}

/** The result of a trial, by which its study ranks it. */
export function resultOf({ outcome }: ImportedTrial, { goal, use }: Record<string, unknown>): number {
  if ('value' in outcome) return outcome.value;
  const finite = outcome.curve.flatMap((each) => each ?? []);
  if (use !== 'best') return finite.at(-1)!;
  return finite.reduce((one, other) => Math[goal === 'maximize' ? 'max' : 'min'](one, other));
}

/** What a file does not say and the command line does. */
export interface ImportOptions {
  name?: string | undefined;
  /** Of several studies in a file. */
  study?: string | undefined;
  metric?: string | undefined;
  goal?: 'minimize' | 'maximize' | undefined;
  /** Reports of a whole trial. */
  steps?: number | undefined;
}

/** The error for a file that cannot become a study, at a place in it. */
export const refusal = (place: string, why: string): CommandFailed => new CommandFailed(`${place}: ${why}`, 2);

/** An object at a place in a file. @throws CommandFailed for anything else */
export function objectAt(value: unknown, place: string): Record<string, unknown> {
  if (isObject(value)) return value;
  throw refusal(place, value === undefined ? 'is missing' : `must be a mapping, not ${JSON.stringify(value)}`);
}

/** A number at a place in a file. Katib writes numbers as texts. @throws CommandFailed for anything else */
export function numberAt(value: unknown, place: string): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw refusal(place, value === undefined ? 'is missing' : `must be a number, not ${JSON.stringify(value)}`);
}

/** @throws CommandFailed for a key that is none of these, which would be ignored */
export function requireKeys(given: Record<string, unknown>, known: readonly string[], place: string): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw refusal(place ? `${place}.${unknown}` : unknown, `is not known here; known are ${known.join(', ')}`);
}

/** A range, or the one value that it has. */
export const ranged = (key: 'uniform' | 'logUniform' | 'int', low: number, high: number, more: object = {}): unknown =>
  low === high ? low : { [key]: [low, high], ...more };

/** A range in steps, without what lies above the last of them. */
export function stepped(key: 'uniform' | 'int', low: number, high: number, step: number): unknown {
  const steps = Math.floor((high - low) / step + 1e-9);
  return ranged(key, low, Number((low + steps * step).toPrecision(15)), { step });
}
