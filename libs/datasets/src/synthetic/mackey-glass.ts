import { short, type Generated } from './generated';

/** Steps of the integration for one row, and rows that are left out until the start is forgotten. */
const [finer, forgotten] = [10, 300];

/**
 * The delay equation dx/dt = 0.2·x(t−τ) / (1 + x(t−τ)^10) − 0.1·x(t) of Mackey & Glass 1977, with τ = 17, where it is chaotic; by Heun's
 * method with a step of 0.1, one row for each unit of time.
 */
export const mackeyGlass: Generated = {
  name: 'mackey-glass',
  kind: 'series',
  description: 'The chaotic series of Mackey and Glass, delay 17 (forecasting)',
  steps: 3000,
  sequences: 1,
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
    // The rows' number is no column of the series: it stands in quotes with a letter.
    return ['row,x', ...rows.map((row) => `t${row}`)].join('\n');
  },
};
