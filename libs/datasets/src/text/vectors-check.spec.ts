import { VectorsCheck } from './vectors-check';

/** What the check says of a text, which comes in parts of so many bytes. */
function refusal(text: string, size = 1 << 16): string | undefined {
  const check = new VectorsCheck();
  const bytes = Buffer.from(text);
  try {
    for (let begin = 0; begin < bytes.length; begin += size) check.read(bytes.subarray(begin, begin + size));
    check.end();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const many = 'word 0.25 -1e-3 +4\n'.repeat(5000);

describe('the check of a whole text of word vectors', () => {
  it.each([
    ['of GloVe', many],
    ['of word2vec, with its line of counts', `5000 3\n${many}`],
    ['with line ends of Windows, and an empty line', `${many.replaceAll('\n', '\r\n')}\r\n`],
    ['without a last line end', many.trimEnd()],
    [
      'with words that contain spaces, or are a space, or a number',
      `${many}. . . 1 2 3\n 1 2 3\n7 1 2 3\nat name 1 2 3\n`,
    ],
    ['with tabs and a space at each end', 'a\t1\t2 \nb\t3\t4 \n'],
  ])('takes one %s', (_, text) => {
    for (const size of [1 << 16, 7])
      expect(refusal(text.slice(0, size === 7 ? 3000 : undefined).replace(/\n[^\n]*$/, '\n'), size)).toBeUndefined();
    expect(refusal(text)).toBeUndefined();
  });

  it.each([
    ['a line of fewer numbers', `${many}short 1 2\n${many}`, 5001],
    ['a line with a word among its numbers', `5000 3\n${many}word 1 two 3\n`, 5002],
    ['a last line that is cut off', `${many}word 0.25 -1`, 5001],
    ['a line of another text', `${many}<html>\n`, 5001],
  ])('refuses %s, with its number', (_, text, line) => {
    for (const size of [1 << 16, 1000])
      expect(refusal(text, size)).toBe(`line ${line}: does not have a word and 3 numbers`);
  });

  it('refuses what does not begin as vectors', () => {
    expect(refusal('a text')).toContain('is no text of word vectors');
  });
});
