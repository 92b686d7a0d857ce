const tokens = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/**
 * A line of JSON as Python's json writes it: with bare NaN and Infinity, which are none. Here they are null. @throws SyntaxError
 */
export const parseLoose = (line: string): unknown =>
  JSON.parse(line.replaceAll(tokens, (token) => (token.startsWith('"') ? token : 'null')));
