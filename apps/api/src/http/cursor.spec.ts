import { ValidationError } from '@unroll/contracts';
import fc from 'fast-check';
import { fromCursor, isCount, isNumber, isTime, toPage, toCursor } from './cursor';

describe('a cursor', () => {
  it('decodes to the position that it encodes, and is safe in a URL', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (position) => {
        const cursor = toCursor(position);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]*$/);
        expect(fromCursor(cursor, (value): value is unknown => value !== undefined)).toEqual(
          JSON.parse(JSON.stringify(position)),
        );
      }),
    );
  });

  it('may be omitted', () => {
    expect(fromCursor(undefined, isNumber)).toBeUndefined();
  });

  it('is refused if it does not encode the expected kind of position, whatever it is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(toCursor)), (cursor) => {
        try {
          expect(typeof fromCursor(cursor, isNumber)).toBe('number');
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError);
          expect((error as ValidationError).errors[0]!.path).toBe('cursor');
        }
      }),
    );
    expect(() => fromCursor('', isNumber)).toThrow(/^cursor: is not a cursor of this list/);
  });

  it('accepts counts that fit in an integer column', () => {
    for (const count of [-1, 0, 2 ** 31 - 1]) expect(isCount(count)).toBe(true);
    for (const other of [1.5, 2 ** 31, 1e308, NaN, '1', null, [1]]) expect(isCount(other)).toBe(false);
  });

  it('accepts times as JSON serializes them', () => {
    expect(isTime(new Date(0).toISOString())).toBe(true);
    const others = [
      '',
      'now',
      '2024-13-45T00:00:00Z',
      '2024-01-01',
      '0000-01-01T00:00:00.000Z',
      '2024-01-01T24:00:00Z',
    ];
    for (const other of [...others, 0, null, '2024-01-01T00:00:00Z\0']) expect(isTime(other)).toBe(false);
  });
});

describe('a page', () => {
  const page = (rows: number[], limit: number) => toPage(rows, limit, String, (row) => row);

  it('continues after its last row if there was one row more than the limit', () => {
    expect(page([1, 2, 3], 2)).toEqual({ items: ['1', '2'], nextCursor: toCursor(2) });
  });

  it('is the last if there were no more rows', () => {
    expect(page([1, 2], 2)).toEqual({ items: ['1', '2'], nextCursor: null });
    expect(page([], 2)).toEqual({ items: [], nextCursor: null });
  });
});
