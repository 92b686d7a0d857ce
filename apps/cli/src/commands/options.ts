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

/** Collects an option that may be given more than once. */
export const collect = (value: string, earlier: string[]): string[] => [...earlier, value];
