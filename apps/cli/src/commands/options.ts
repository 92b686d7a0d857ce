import { InvalidArgumentError } from 'commander';

/** A whole number from `least` to `most`, as commander wants it. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}.`);
    return value;
  };

/** A number above 0. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('must be a number above 0.');
  return value;
}

/** A part of something: above 0 and below 1. */
export function part(text: string): number {
  const value = positiveNumber(text);
  if (value >= 1) throw new InvalidArgumentError('must be above 0 and below 1.');
  return value;
}

/** Collects an option that may be given more than once. */
export const collect = (value: string, earlier: string[]): string[] => [...earlier, value];
