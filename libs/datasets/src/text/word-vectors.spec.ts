import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lookAtVectors, readVectorsHead, readWordVectors, vectorsHead } from './word-vectors';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function written(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.txt`);
  writeFileSync(path, content);
  return path;
}

const glove = 'the 0.5 -1 2e-1\n. . . 9 9 9\n. 1 2 3\nparis 4 5 6\nnaïve 7 8 9\nthe 0 0 0\n';
const words = ['<unknown>', 'the', '.', 'Paris', 'naïve', 'rare'];
const expected = [
  [1, [0.5, -1, Math.fround(0.2)]],
  [2, [1, 2, 3]],
  [4, [7, 8, 9]],
  [3, [4, 5, 6]],
];

describe('word vectors', () => {
  it.each([
    ['as GloVe writes them', glove],
    [
      'with a first line of counts, as word2vec writes them, and a space at the end',
      `6 3\n${glove.replaceAll('\n', ' \n')}`,
    ],
    ['with tabs, and the line ends of Windows', glove.replaceAll(' ', '\t').replaceAll('\n', '\r\n')],
    ['compressed', gzipSync(`6 3\n${glove}`)],
  ])(
    'are read %s: those of the words, the first of each, in lower case where there is no other',
    async (_, content) => {
      const { vectors, inLowerCase } = await readWordVectors(written(content), words, 3);
      expect([...vectors].map(([place, values]) => [place, [...values]])).toEqual(expected);
      expect(inLowerCase).toBe(1);
    },
  );

  it('say while they are read that they are', async () => {
    let parts = 0;
    const numbers = ' 1 2 3\n';
    const path = written(gzipSync(Array.from({ length: 40_000 }, (_, index) => `${index}${numbers}`).join('')));
    await readWordVectors(path, ['7'], 3, () => (parts += 1));
    expect(parts).toBeGreaterThan(3);
  });

  it('prefer a word as it is written', async () => {
    const { vectors } = await readWordVectors(written('paris 1\nParis 2\n'), ['Paris'], 1);
    expect([...vectors.get(0)!]).toEqual([2]);
  });

  it.each([
    [glove, 4, 'has vectors of 3 numbers, not 4; set model.embeddingSize: 3'],
    [`6 3\n${glove}`, 4, 'has vectors of 3 numbers, not 4; set model.embeddingSize: 3'],
    ['the 1 2 3\n. 1 2\n', 3, 'line 2: "." does not have 3 numbers'],
    ['the 1 2 3\n. 1 x 2\n', 3, 'line 2: "." does not have 3 numbers'],
    ['{"the": [1, 2, 3]}', 3, 'is no text of word vectors'],
    [Buffer.alloc(2 ** 21, 1), 3, 'is no text of word vectors'],
    [gzipSync(glove.repeat(99)).subarray(0, 60), 3, 'is a damaged gzip file'],
    ['', 3, 'is empty'],
  ])('of another form are refused: case %#', async (content, width, message) => {
    await expect(readWordVectors(written(content), words, width)).rejects.toThrow(message);
  });
});

describe('a first look at word vectors', () => {
  const long = 'word 1 2 3\n'.repeat(vectorsHead / 8);

  it.each([
    [glove, 'vectors of 3 numbers, the first of: the . paris naïve the'],
    [`6 3\n${glove}`, '6 vectors of 3 numbers, the first of: the . paris naïve the'],
    [gzipSync(`400000 3\n${glove}`), '400,000 vectors of 3 numbers, the first of: the . paris naïve the'],
    [long, 'vectors of 3 numbers, the first of: word word word word word'],
    ['a 1', 'vectors of 1 numbers, the first of: a'],
  ])('says their width: case %#', (content, fact) => {
    expect(lookAtVectors(written(content))).toEqual({ facts: [fact], warnings: [] });
  });

  it('needs the beginning of a file only, also of a compressed one', () => {
    const many = Array.from({ length: 40_000 }, (_, index) => `w${index} ${Math.sin(index)} 2 3\n`).join('');
    for (const bytes of [Buffer.from(many), gzipSync(many)]) {
      expect(bytes.length).toBeGreaterThan(vectorsHead);
      expect(readVectorsHead(bytes.subarray(0, vectorsHead))).toMatchObject({ width: 3, count: undefined });
    }
  });

  it.each([
    ['a text about words\n', 'is no text of word vectors'],
    ['{"the": [1, 2, 3]}', 'is no text of word vectors'],
    [`6 4\n${glove}`, 'is no text of word vectors'],
    [Buffer.alloc(2 ** 17, 1), 'is no text of word vectors'],
    [gzipSync(glove).fill(0, 4), 'is a damaged gzip file'],
    ['', 'is empty'],
  ])('refuses another file: case %#', (content, message) => {
    expect(() => lookAtVectors(written(content))).toThrow(message);
  });
});
