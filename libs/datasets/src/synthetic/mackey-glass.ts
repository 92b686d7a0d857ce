import { short, type Generated } from './generated';

/** Integration steps per row, and initial rows discarded as a transient. */
const [finer, forgotten] = [10, 300];

/**
 * The delay differential equation dx/dt = 0.2·x(t−τ) / (1 + x(t−τ)^10) − 0.1·x(t) of Mackey & Glass 1977, with τ = 17, where it is
 * chaotic. Integrated by Heun's method with step 0.1; one row per unit of time.
 */
export const mackeyGlass: Generated = {
  name: 'mackey-glass',
  kind: 'series',
  description: 'The chaotic series of Mackey and Glass, delay 17 (forecasting)',
  steps: 3000,
  sequences: 1,
  original: {
    fingerprint: '142f312deb682876066d586995e8b689767aa4f528176fe90c65aedb9542a89b',
    bytes: 37_550,
  },
  text({ steps }) {
    const delay = 17 * finer;
    const x = new Array<number>(delay + 1).fill(1.2);
    const slope = (now: number, then: number): number => (0.2 * then) / (1 + then ** 10) - 0.1 * now;
    const rows: string[] = [];
    for (let row = 0; row < steps + forgotten; row++) {
      for (let part = 0; part < finer; part++) {
        const now = x.at(-1)!;
        const first = slope(now, x.at(-1 - delay)!);
        const second = slope(now + first / finer, x.at(-delay)!);
        x.push(now + (first + second) / 2 / finer);
      }
      x.splice(0, finer);
      if (row >= forgotten) rows.push(`${row - forgotten},${short(x.at(-1)!)}`);
    }
    // The letter before the row number keeps the column from being numeric.
    return ['row,x', ...rows.map((row) => `t${row}`)].join('\n');
  },
};
