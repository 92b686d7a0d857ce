import { accuracy, balancedAccuracy, macroF1 } from './classification';

// Class 0: right 3 of 4, answered 5 times. 1: right 2 of 2, answered 3 times. 2: never right. 3: nowhere.
const confusion = Float64Array.from([3, 1, 0, 0, 0, 2, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0]);

describe('metrics of classes', () => {
  it('give the fraction of right answers', () => {
    expect(accuracy(confusion, 4)).toBe(5 / 8);
  });

  it('give the mean recall of the classes that occur, as scikit-learn does', () => {
    expect(balancedAccuracy(confusion, 4)).toBeCloseTo((3 / 4 + 1 + 0) / 3, 12);
  });

  it('give macro F1 over the classes that occur, 0 for one that was never right, as scikit-learn does', () => {
    expect(macroF1(confusion, 4)).toBeCloseTo(((2 * 3) / 9 + (2 * 2) / 5 + 0) / 3, 12);
    expect(macroF1(confusion, 4)).toBeCloseTo(0.48888888888888893, 12);
  });

  it('count a class that was only answered, never true', () => {
    expect(macroF1(Float64Array.from([2, 1, 0, 0]), 2)).toBeCloseTo((4 / 5 + 0) / 2, 12);
  });

  it('are 1 where every answer is right and 0 where nothing was counted', () => {
    expect([accuracy, balancedAccuracy, macroF1].map((metric) => metric(Float64Array.from([2, 0, 0, 5]), 2))).toEqual([
      1, 1, 1,
    ]);
    expect([accuracy, balancedAccuracy, macroF1].map((metric) => metric(new Float64Array(4), 2))).toEqual([0, 0, 0]);
  });
});
