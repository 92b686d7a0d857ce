import { InvalidArgumentError } from 'commander';

/** Commander parser for an integer from `least` to `most`. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be an integer from ${least} to ${most}.`);
    return value;
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

/** Collects the values of a repeatable option. */
export const collect = (value: string, earlier: string[]): string[] => [...earlier, value];
