import { TrialAllowance } from './trial-allowance';

const nothing = (): number => 0;

describe('the allowance of trials', () => {
  it('is what claims share, whatever they want and however they overlap', async () => {
    const allowance = new TrialAllowance(5);
    const taken = await Promise.all(
      [3, 3, 3].map((wanted) =>
        allowance.take(
          wanted,
          (most) => Promise.resolve(most),
          (got) => got,
        ),
      ),
    );
    expect(taken).toEqual([3, 2, undefined]);
    expect(allowance.isUsedUp).toBe(true);
  });

  it('gets back what a claim did not take, or could not', async () => {
    const allowance = new TrialAllowance(2);
    await allowance.take(2, () => Promise.resolve('none'), nothing);
    await expect(allowance.take(2, () => Promise.reject(new Error('the database is away')), nothing)).rejects.toThrow();
    expect([allowance.free, allowance.isUsedUp]).toEqual([2, false]);
  });

  it('has no end without a limit', async () => {
    const allowance = new TrialAllowance(undefined);
    expect(
      await allowance.take(
        4,
        () => Promise.resolve(4),
        (got) => got,
      ),
    ).toBe(4);
    expect([allowance.free, allowance.isUsedUp]).toEqual([Infinity, false]);
  });
});
