import { rowsRead, sideBySide } from './side-by-side';

const most = { sequences: 3, steps: 12 };

describe('sequences side by side', () => {
  it('are the longest first, in parts of few sequences and few steps', () => {
    const parts = sideBySide(Int32Array.of(2, 20, 3, 1, 3, 7, 6), most);
    expect(parts.map(({ sequences }) => sequences)).toEqual([[1], [5], [6, 2, 4], [0, 3]]);
    expect(parts[2]!.lengths).toEqual([6, 3, 3]);
    expect([...parts[2]!.counts]).toEqual([3, 3, 3, 1, 1, 1]);
    expect([...parts[2]!.begins]).toEqual([0, 3, 6, 9, 10, 11, 12]);
  });

  it('are read step by step, without those that have ended', () => {
    const offsets = Int32Array.of(0, 1, 4, 6);
    const [part] = sideBySide(Int32Array.of(1, 3, 2), most);
    expect([...rowsRead({ kind: 'tokens', offsets, ids: Uint16Array.of(9, 1, 2, 3, 5, 6) }, part!)]).toEqual([
      1, 5, 9, 2, 6, 3,
    ]);
    const values = Float32Array.of(9, 90, 1, 10, 2, 20, 3, 30, 5, 50, 6, 60);
    expect([...rowsRead({ kind: 'vectors', offsets, width: 2, values }, part!)]).toEqual([
      1, 10, 5, 50, 9, 90, 2, 20, 6, 60, 3, 30,
    ]);
  });
});
