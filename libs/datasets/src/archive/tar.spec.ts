import { gzipSync } from 'node:zlib';
import { filesInTar, isTar, uncompressed } from './tar';
import { buildTar } from './tar.fixture';

const listed = (bytes: Uint8Array): Record<string, string> =>
  Object.fromEntries(filesInTar(bytes).map((file) => [file.name, Buffer.from(file.bytes()).toString()]));

describe('a tape archive', () => {
  it('lists its files by name, without folders and hidden files', () => {
    const bytes = buildTar([
      { name: './b/two.txt', content: 'second' },
      { name: 'b/', content: '', type: '5' },
      { name: 'a/._one.txt', content: 'x' },
      { name: '.DS_Store', content: 'x' },
      { name: 'a/one.txt', content: 'f'.repeat(1000) },
    ]);
    expect(isTar(bytes)).toBe(true);
    expect(listed(bytes)).toEqual({ 'a/one.txt': 'f'.repeat(1000), 'b/two.txt': 'second' });
    expect(filesInTar(bytes).map(({ name }) => name)).toEqual(['a/one.txt', 'b/two.txt']);
  });

  it('may have long names, in the ustar prefix, in GNU format, or in pax records', () => {
    const long = `${'folder/'.repeat(20)}name.txt`;
    const record = `path=${long}2\n`;
    const length = record.length + 4;
    const bytes = buildTar([
      { name: 'name.txt', prefix: 'in/front', content: '1' },
      { name: '././@LongLink', type: 'L', content: `${long}\0` },
      { name: 'cut', content: '2' },
      { name: 'PaxHeader', type: 'x', content: `${length} ${record}` },
      { name: 'cut', content: '3' },
      { name: 'plain', content: '4' },
    ]);
    expect(listed(bytes)).toEqual({ 'in/front/name.txt': '1', [long]: '2', [`${long}2`]: '3', plain: '4' });
  });

  it('is refused if truncated or damaged', () => {
    const bytes = buildTar([
      { name: 'a.txt', content: 'a'.repeat(600) },
      { name: 'b.txt', content: 'b' },
    ]);
    expect(() => filesInTar(bytes.subarray(0, 900))).toThrow('the archive is cut short in a.txt: fetch it again');
    const damaged = Buffer.from(bytes);
    damaged[512 + 1024] = 0x7a;
    expect(() => filesInTar(damaged)).toThrow('the archive is damaged at byte 1536');
  });

  it('is distinguished from other bytes', () => {
    expect(isTar(Buffer.from('text,label\n'.repeat(100)))).toBe(false);
    expect(isTar(Buffer.from('short'))).toBe(false);
  });
});

describe('compressed bytes', () => {
  it('are decompressed; others are returned unchanged', () => {
    expect(Buffer.from(uncompressed(gzipSync('abc'))).toString()).toBe('abc');
    expect(Buffer.from(uncompressed(Buffer.from('abc'))).toString()).toBe('abc');
  });

  it('are refused if damaged or too large', () => {
    expect(() => uncompressed(gzipSync('abc').subarray(0, 12))).toThrow(/^the archive is damaged: /);
    expect(() => uncompressed(gzipSync('a'.repeat(1000)), 100)).toThrow(
      'the archive is larger than 100 bytes uncompressed: use a part of it',
    );
  });
});
