// Prints the coverage of a run of `jest --coverage` by library and app: a line each, and no thresholds.
import { readFileSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { total, ...files } = JSON.parse(readFileSync(new URL('../../coverage/coverage-summary.json', import.meta.url)));

const areas = new Map();
for (const [file, { lines, branches }] of Object.entries(files)) {
  const area = relative(root, file).split(sep).slice(0, 2).join('/');
  const sum = areas.get(area) ?? { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } };
  for (const [kind, { covered, total: all }] of Object.entries({ lines, branches })) {
    sum[kind].covered += covered;
    sum[kind].total += all;
  }
  areas.set(area, sum);
}

const percent = ({ covered, total: all }) => `${(all === 0 ? 100 : (100 * covered) / all).toFixed(1)} %`.padStart(8);
const print = (area, { lines, branches }) => console.log(area.padEnd(18), percent(lines), percent(branches));
console.log(`\n${'unit tests cover'.padEnd(18)} ${'lines'.padStart(8)} ${'branches'.padStart(8)}`);
for (const [area, sum] of [...areas].sort(([a], [b]) => a.localeCompare(b))) print(area, sum);
print('all', total);
