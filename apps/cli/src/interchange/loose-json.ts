/** The marks of texts, what is escaped in them, and what is no JSON. A pattern of a whole text takes memory for each of its characters. */
const tokens = /"|\\.|-?\bInfinity\b|\bNaN\b/g;

/**
 * A line of JSON as Python's json writes it: with bare NaN and Infinity, which are none. Here they are null. @throws SyntaxError
 */
export function parseLoose(line: string): unknown {
  let isText = false;
  const strict = line.replaceAll(tokens, (token) => {
    if (token === '"') isText = !isText;
    return isText || /^["\\]/.test(token) ? token : 'null';
  });
  return JSON.parse(strict);
}
