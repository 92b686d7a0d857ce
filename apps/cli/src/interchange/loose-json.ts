import { outsideTexts } from '@unroll/contracts';

/**
 * A line of JSON as Python's json writes it: with bare NaN and Infinity, which are none. Here they are null. @throws SyntaxError
 */
export const parseLoose = (line: string): unknown =>
  JSON.parse(outsideTexts(line, String.raw`-?\bInfinity\b|\bNaN\b`, () => 'null'));
