import { duration, isPlainNumber, validate, ValidationError } from '@unroll/contracts';
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { CommandFailed } from '../errors/command-failed';

/** Commander parser for an integer from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be an integer from ${least} to ${most}.`);
    return value;
  };

/** Commander parser for a number with the bounds of a contract, as the API has them. `schemaOf` is called where the option is given. */
export const numberOf =
  (schemaOf: () => z.ZodType) =>
  (text: string): number => {
    try {
      return validate(schemaOf(), isPlainNumber(text) ? Number(text) : text) as number;
    } catch (error) {
      throw error instanceof ValidationError ? new InvalidArgumentError(`${error.message}.`) : error;
    }
  };

/** Commander parser for a positive number. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('must be a number greater than 0.');
  return value;
}

/** Commander parser for a fraction strictly between 0 and 1. */
export function fraction(text: string): number {
  const value = positiveNumber(text);
  if (value >= 1) throw new InvalidArgumentError('must be greater than 0 and less than 1.');
  return value;
}

/** The form in which data are printed. @throws CommandFailed for an unknown one */
export function requireFormat({
  format,
  json,
}: {
  format: string;
  json?: boolean | undefined;
}): 'table' | 'json' | 'csv' {
  const shape = json ? 'json' : format;
  if (shape !== 'table' && shape !== 'json' && shape !== 'csv')
    throw new CommandFailed(`--format ${shape}: must be table, json or csv`, 2);
  return shape;
}

/** Collects the values of a repeatable option. */
export const collect = (value: string, earlier: string[] = []): string[] => [...earlier, value];

/** Commander parser for a duration, such as 60, 90s, 30m, 2h or 1d; in seconds. */
export function seconds(text: string): number {
  const parsed = duration.safeParse(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (!parsed.success)
    throw new InvalidArgumentError('must be a number of seconds, or a duration such as 30m, 2h or 1d.');
  return parsed.data;
}
