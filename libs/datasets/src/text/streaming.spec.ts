import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reading } from '../reading.fixture';
import type { DataSource } from '../source/data-source';
import { words } from './alphabet';
import { prepareText } from './text';

const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function writeSource(content: string | Uint8Array): DataSource {
  const path = join(folder, `${files++}.txt`);
  writeFileSync(path, content);
  return { kind: 'text', path };
}

const poem = "Naïve 😀 <unk> don't,\nstop; now — or never ever 世界 a b\n".repeat(40);
const tiny = { inMemory: 16, piece: 7 };
const atOnce = { inMemory: 2 ** 20, piece: 2 ** 20 };

describe('a text too long for memory', () => {
  it.each([
    ['character', {}],
    ['word', {}],
    ['character', { split: { validation: 0.2, test: 0.3 } }],
    ['word', { fold: { kind: 'k-fold', of: 3, index: 1 } }],
    ['word', { fold: { kind: 'forward-chaining', of: 4, index: 2 } }],
  ] as const)('has the same %ss and IDs as one in memory, with %j', (tokens, given) => {
    const task = { tokens, vocabulary: 12 };
    const streamed = prepareText(writeSource(poem), task, reading(given), tiny);
    const whole = prepareText({ kind: 'text', bytes: Buffer.from(poem) }, task, reading(given), atOnce);
    expect(streamed.vocabulary).toEqual(whole.vocabulary);
    for (const part of ['train', 'validation', 'test'] as const) {
      const [here, there] = [streamed[part], whole[part]];
      expect(here?.length).toBe(there?.length);
      if (!here || !there) continue;
      expect(here.read(0, here.length)).toEqual(Uint16Array.from(there.read(0, there.length)));
      // Windows at any position, across two ranges and beyond the end.
      for (let from = 0; from < here.length; from += 13)
        expect(here.read(from, 17)).toEqual(Uint16Array.from(there.read(from, 17)));
    }
  });

  it('leaves no named file behind', () => {
    const source = writeSource(poem);
    // In the folder that all share, other processes write theirs meanwhile.
    const own = mkdtempSync(join(folder, 'own-'));
    const temporary = jest
      .spyOn(jest.requireActual<typeof import('node:os')>('node:os'), 'tmpdir')
      .mockReturnValue(own);
    prepareText(source, { tokens: 'character', vocabulary: 2 }, reading(), tiny);
    expect(temporary).toHaveBeenCalled();
    temporary.mockRestore();
    expect(readdirSync(own)).toEqual([]);
  });

  it('is refused for invalid UTF-8 at any position, or if it ends within a character', () => {
    const message = 'the text is not valid UTF-8: convert it, for example with iconv';
    const latin = Buffer.concat([Buffer.from('plain '.repeat(20)), Buffer.of(0xe9), Buffer.from(' text'.repeat(9))]);
    const cut = Buffer.from('plain '.repeat(9) + '世').subarray(0, -1);
    for (const content of [latin, cut])
      expect(() => prepareText(writeSource(content), { tokens: 'word', vocabulary: 9 }, reading(), tiny)).toThrow(
        message,
      );
  });

  it('is refused if it is empty, a folder, or missing', () => {
    const prepare = (source: DataSource) => prepareText(source, { tokens: 'word', vocabulary: 9 }, reading());
    expect(() => prepare(writeSource(''))).toThrow('the data set is empty');
    expect(() => prepare({ kind: 'text', path: folder })).toThrow(`${folder} is a folder: a text must be a file`);
    expect(() => prepare({ kind: 'text', path: join(folder, 'none') })).toThrow(/none cannot be read \(ENOENT\)$/);
  });
});

describe('more distinct words than can be counted', () => {
  it('lose those that occur once, and keep frequent ones with nearly exact counts', () => {
    const alphabet = words(4, undefined, 50);
    const rare = (index: number): string => `w${index}`;
    const text = Array.from({ length: 2000 }, (_, index) => `the the of ${rare(index)}`).join(' ');
    for (const symbols of alphabet.symbols([text])) alphabet.count(symbols, 0, symbols.length);
    expect(alphabet.vocabulary().slice(0, 3)).toEqual(['<unknown>', 'the', 'of']);
  });
});
