import { Utf8Check } from './utf8-check';

/** Whether a text is taken that comes in parts of `size` bytes. */
function isTaken(bytes: Buffer, size: number): boolean {
  const check = new Utf8Check('the text');
  try {
    for (let at = 0; at < bytes.length; at += size) check.read(bytes.subarray(at, at + size));
    check.end();
    return true;
  } catch {
    return false;
  }
}

describe('a check for UTF-8', () => {
  const text = Buffer.from('aß水😀é€z😀');

  it.each([1, 2, 3, 4, 5, 7, 100])('decides as a decoder does, in parts of %d bytes', (size) => {
    expect(isTaken(text, size)).toBe(true);
    const invalid = [0x80, 0xbf, 0xc0, 0xc3, 0xe0, 0xed, 0xf0, 0xf4, 0xf8, 0xff];
    const changed = Array.from(text, (_, at) => invalid.map((byte) => Buffer.from(text).fill(byte, at, at + 1))).flat();
    const cut = Array.from(text, (_, at) => text.subarray(0, at));
    const decodes = (bytes: Buffer): boolean => {
      try {
        new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        return true;
      } catch {
        return false;
      }
    };
    const all = [...changed, ...cut];
    expect(all.map((bytes) => isTaken(bytes, size))).toEqual(all.map(decodes));
    expect(new Set(all.map(decodes)).size).toBe(2);
  });

  it('says what is not', () => {
    expect(() => new Utf8Check('the text').read(Buffer.of(0xff))).toThrow(
      'the text is not valid UTF-8: convert it, for example with iconv',
    );
  });
});
