import { estimateLeft, leftOf, secondsLeft } from './progress';

const none = { pending: 0, running: 0, completed: 0, pruned: 0, diverged: 0, failed: 0, cancelled: 0 };
const runningSince = '2026-01-01T00:00:00.000Z';
const now = Date.parse('2026-01-01T00:01:00Z');
const sweep = { state: 'running' as const, total: 30, ranSeconds: 0, runningSince };

describe('the time left for a sweep', () => {
  it('is estimated from the rate at which trials ended, in any state', () => {
    const trials = { ...none, completed: 6, pruned: 3, failed: 1, running: 4, pending: 16 };
    expect(secondsLeft({ ...sweep, trials }, now)).toBe(120);
  });

  it('does not count pauses', () => {
    const trials = { ...none, completed: 10, running: 4, pending: 16 };
    // Ran for half a minute, was paused for hours, and has been running again for half a minute.
    const resumed = { ...sweep, trials, ranSeconds: 30, runningSince: '2026-01-01T07:00:00.000Z' };
    expect(secondsLeft(resumed, Date.parse('2026-01-01T07:00:30Z'))).toBe(120);
  });

  it('is unknown before two trials have ended, and while the sweep is not running', () => {
    expect(secondsLeft({ ...sweep, trials: { ...none, completed: 1 } }, now)).toBeNull();
    const paused = { ...sweep, state: 'paused' as const, ranSeconds: 60, runningSince: null };
    expect(secondsLeft({ ...paused, trials: { ...none, completed: 9 } }, now)).toBeNull();
  });

  it('is 0 once all have ended', () => {
    expect(secondsLeft({ ...sweep, trials: { ...none, completed: 30 } }, now)).toBe(0);
  });
});

describe('the time that is left', () => {
  const at = (seconds: number): number => Date.parse(runningSince) + 1000 * seconds;
  const trials = { ...none, completed: 10, running: 20 };

  it('never rises while no trial ends', () => {
    const first = estimateLeft(null, { ...sweep, trials }, at(60))!;
    expect(leftOf(first, at(60))).toBe(120);
    const later = estimateLeft(first, { ...sweep, trials }, at(90))!;
    expect(leftOf(later, at(90))).toBe(90);
    expect(leftOf(later, at(900))).toBe(0);
  });

  it('is estimated anew when one has ended, and unknown once the sweep has', () => {
    const first = estimateLeft(null, { ...sweep, trials }, at(60));
    const next = estimateLeft(first, { ...sweep, trials: { ...trials, completed: 15, running: 15 } }, at(120))!;
    expect(leftOf(next, at(120))).toBe(120);
    expect(estimateLeft(next, { ...sweep, state: 'completed', trials }, at(130))).toBeNull();
  });
});
