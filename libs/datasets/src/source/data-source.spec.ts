import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readBytes, folderPath, byteLength } from './data-source';
import { decodeText } from './decode';

describe('a source of data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'unroll-spec-'));
  const path = join(folder, 'a.csv');
  writeFileSync(path, 'abc');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is bytes in memory, a file, or a folder', () => {
    const here = { kind: 'series', bytes: Buffer.from('abc') } as const;
    const there = { kind: 'series', path } as const;
    for (const source of [here, there]) {
      expect(Buffer.from(readBytes(source)).toString()).toBe('abc');
      expect([byteLength(source), folderPath(source)]).toEqual([3, undefined]);
    }
    expect(folderPath({ kind: 'audio', path: folder })).toBe(folder);
  });

  it('is refused if it is a folder in place of a file, or missing', () => {
    expect(() => readBytes({ kind: 'series', path: folder })).toThrow(
      `${folder} is a folder: data of kind series must be a file`,
    );
    expect(() => readBytes({ kind: 'series', path: `${path}x` })).toThrow(`${path}x cannot be read (ENOENT)`);
  });

  it('may be UTF-16 with a byte order mark', () => {
    const littleEndian = Buffer.from('\ufeffa;ü\n', 'utf16le');
    expect(decodeText(littleEndian)).toBe('a;ü\n');
    expect(decodeText(Buffer.from(littleEndian).swap16())).toBe('a;ü\n');
  });

  it('names the file that is not text among several', () => {
    expect(() => decodeText(Buffer.of(0xff), 'b.txt')).toThrow('b.txt: the text is not valid UTF-8: convert it');
    expect(() => decodeText(Buffer.of(), 'b.txt')).toThrow('b.txt: the data set is empty');
  });
});
