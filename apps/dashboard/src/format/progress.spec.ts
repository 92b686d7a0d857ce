import { secondsLeft } from './progress';

const none = { pending: 0, running: 0, completed: 0, pruned: 0, diverged: 0, failed: 0, cancelled: 0 };
const createdAt = '2026-01-01T00:00:00.000Z';
const now = Date.parse('2026-01-01T00:01:00Z');
const sweep = { state: 'running' as const, total: 30, createdAt };

describe('the time that a sweep still takes', () => {
  it('goes by how fast its trials ended, in whichever way', () => {
    const trials = { ...none, completed: 6, pruned: 3, failed: 1, running: 4, pending: 16 };
    expect(secondsLeft({ ...sweep, trials }, now)).toBe(120);
  });

  it('is unknown before two have ended, and where the sweep does not run', () => {
    expect(secondsLeft({ ...sweep, trials: { ...none, completed: 1 } }, now)).toBeNull();
    expect(secondsLeft({ ...sweep, state: 'paused', trials: { ...none, completed: 9 } }, now)).toBeNull();
  });

  it('is none when all have ended', () => {
    expect(secondsLeft({ ...sweep, trials: { ...none, completed: 30 } }, now)).toBe(0);
  });
});
