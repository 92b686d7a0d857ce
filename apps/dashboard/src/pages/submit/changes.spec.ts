import { specOf } from './check';
import { changesFrom, noteOf } from './changes';
import { firstSweep, fromSweep } from './start';

describe('the changes of a sweep that began as another', () => {
  const earlier = { id: 'b3n8w2pd', name: 'GRU [wide]', spec: { ...specOf(firstSweep)! } };
  const text = fromSweep(earlier);

  it('are none at first, and none while the text is not valid', () => {
    expect(changesFrom(earlier, text)).toEqual([]);
    expect(changesFrom(earlier, `${text}\nmodle: 1`)).toEqual([]);
    expect(noteOf(earlier, [])).toBe('Began as [GRU \\[wide\\]](/sweeps/b3n8w2pd).');
  });

  it('are listed in its note', () => {
    const changes = changesFrom(earlier, text.replace('updates: 600', 'updates: 700'));
    expect(noteOf(earlier, changes)).toBe(
      'Began as [GRU \\[wide\\]](/sweeps/b3n8w2pd), with:\n- `training.updates`: 600 → 700',
    );
  });
});
