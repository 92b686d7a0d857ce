import { DurationSecond, Field, Struct } from 'apache-arrow';
import { asField } from './arrow-fields';
import { Unread } from './typed-table';

describe('a field of objects with durations', () => {
  const field = new Field('trip', new Struct([new Field('length', new DurationSecond(), true)]), true);

  it('has them as they are written elsewhere, and keeps a value that is not read, with the reason', () => {
    const unread = new Unread('trip has intervals, which are not read');
    const [read, kept] = asField(field, [{ length: 90n }, unread]) as unknown[];
    expect(read).toEqual({ length: '0 days 00:01:30' });
    expect(kept).toBe(unread);
  });
});
