import type { ScheduleSpec } from '@unroll/contracts';
import { freshPlateau, plateauAfter, rateFactor } from './schedule';

const factors = (schedule: ScheduleSpec, at: readonly number[], updates = 100): number[] =>
  at.map((update) => rateFactor(schedule, update, updates, freshPlateau()));
const expectNear = (ours: readonly number[], theirs: readonly number[]): void =>
  ours.forEach((value, index) => expect(value).toBeCloseTo(theirs[index]!, 9));

describe('a schedule', () => {
  it('may be constant, after a warm-up that grows evenly', () => {
    expectNear(factors({ kind: 'constant', warmUp: 4 }, [1, 2, 4, 5, 90]), [0.25, 0.5, 1, 1, 1]);
  });

  it('drops in steps as StepLR does', () => {
    expectNear(
      factors({ kind: 'step', every: 30, factor: 0.1, warmUp: 0 }, [1, 30, 31, 60, 61]),
      [1, 1, 0.1, 0.1, 0.01],
    );
  });

  it('falls along a cosine as CosineAnnealingLR does, and stays at its end', () => {
    const schedule = { kind: 'cosine', end: 0.1, over: 50, warmUp: 0 } as const;
    expectNear(factors(schedule, [1, 26, 51, 99]), [1, 0.55, 0.1, 0.1]);
    expectNear(factors({ ...schedule, over: undefined }, [51]), [0.55]);
  });

  it('rises and falls as OneCycleLR does', () => {
    const schedule = { kind: 'one-cycle', peak: 0.3, startFactor: 0.04, endFactor: 4e-6 } as const;
    // torch.optim.lr_scheduler.OneCycleLR(max_lr=1, total_steps=100): steps 0, 29 and 99, and halfway up (14.5) by its formula.
    expectNear(factors(schedule, [1, 30, 100]), [0.04, 1, 4e-6]);
    const [before, after] = factors(schedule, [15, 16]);
    expect((before! + after!) / 2).toBeCloseTo(0.52, 3);
  });

  it('ends at its end where the top is within the last update, as OneCycleLR does', () => {
    const oneCycle = (peak: number) => ({ kind: 'one-cycle', peak, startFactor: 0.04, endFactor: 4e-6 }) as const;
    // torch 2.15, OneCycleLR(max_lr=1, total_steps=10, pct_start=0.95, div_factor=25, final_div_factor=1e4).
    const late = [0.04, 0.072413, 0.165276, 0.306046, 0.475711, 0.651358, 0.809265, 0.928104, 0.991827, 4e-6];
    factors(oneCycle(0.95), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 10).forEach((value, at) =>
      expect(value).toBeCloseTo(late[at]!, 6),
    );
    expect(factors(oneCycle(0.3), [1, 2, 3], 3).map((each) => Number(each.toFixed(6)))).toEqual([
      0.994415, 0.462637, 4e-6,
    ]);
    expectNear(factors(oneCycle(0.3), [1], 1), [4e-6]);
  });

  it('begins at its top where that is the first update', () => {
    const schedule = { kind: 'one-cycle', peak: 0.1, startFactor: 0.04, endFactor: 4e-6 } as const;
    expectNear(factors(schedule, [1, 10], 10), [1, 4e-6]);
  });

  it('of plateaus drops after more reports without a lower loss than its patience, as ReduceLROnPlateau does', () => {
    const schedule = { kind: 'plateau', patience: 1, factor: 0.5, warmUp: 0 } as const;
    const factorsAfter = (losses: readonly number[]): number[] => {
      let plateau = freshPlateau();
      return losses.map((loss) => {
        plateau = plateauAfter(schedule, plateau, loss);
        return rateFactor(schedule, 10, 100, plateau);
      });
    };
    const losses = [3, 2, 2, 2, NaN, 2.5, 1];
    expect(factorsAfter(losses)).toEqual([1, 1, 1, 0.5, 0.5, 0.25, 0.25]);
    // Likelihoods of densities are of either sign. With PyTorch's threshold, a patience below zero never ends.
    expect(factorsAfter(losses.map((loss) => loss - 10))).toEqual(factorsAfter(losses));
  });
});
