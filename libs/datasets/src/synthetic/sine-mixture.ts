import { short, type Generated } from './generated';

/** Three sine waves with incommensurable periods: regular, but never repeating. */
export const sineMixture: Generated = {
  name: 'sine-mixture',
  kind: 'series',
  description: 'A mixture of three sine waves (forecasting)',
  steps: 2000,
  sequences: 1,
  original: {
    fingerprint: 'acdc04c14ca16c8a8f464db54e7c62326a2974a65aef4098063a6969a5529307',
    bytes: 25_677,
  },
  text({ steps }) {
    const value = (row: number): number =>
      Math.sin(row / 5) + 0.5 * Math.sin((row * Math.SQRT2) / 5) + 0.25 * Math.sin((row * Math.sqrt(7)) / 5);
    const rows = Array.from({ length: steps }, (_, row) => `t${row},${short(value(row))}`);
    return ['row,x', ...rows].join('\n');
  },
};
