import { areKeys, frequency, keyName, notesOf } from './notes';

describe('the notes of frames', () => {
  it('last as long as frames in a row have them', () => {
    expect(notesOf([['60', '64'], ['60'], [], ['60', '60'], ['64', '60']])).toEqual([
      { label: 60, from: 0, to: 2 },
      { label: 64, from: 0, to: 1 },
      { label: 60, from: 3, to: 5 },
      { label: 64, from: 4, to: 5 },
    ]);
    expect(notesOf([])).toEqual([]);
  });

  it('are keys of a piano if all of them are', () => {
    const keys = (...labels: string[]): boolean => areKeys(notesOf([labels]));
    expect([keys('21', '108'), keys('20'), keys('60', '109'), keys('60', 'loud'), keys()]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it('have the names and frequencies of the keys', () => {
    expect([21, 60, 61, 69, 108].map(keyName)).toEqual(['A0', 'C4', 'C♯4', 'A4', 'C8']);
    expect(frequency(69)).toBe(440);
    expect(frequency(60)).toBeCloseTo(261.63, 2);
  });
});
