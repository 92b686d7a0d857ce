// Tables of tunings as problems to search: a space, and the curve that a proposal gets.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Exponential decay rates such as Adam's betas vary in their distance to 1. */
const scaleOf = (name) => (name.startsWith('beta') ? (value) => Math.log(1 - value) : Math.log);
const isBad = (value) => value === null || !Number.isFinite(value);
/** The least of a curve that is finite; Infinity where there is none. */
export const leastOf = (curve) =>
  curve.reduce((least, value) => (isBad(value) ? least : Math.min(least, value)), Infinity);

function readTable(file) {
  const { task, configurations } = JSON.parse(readFileSync(file, 'utf8'));
  const names = Object.keys(configurations[0].hp);
  const raw = configurations.map(({ hp }) => names.map((name) => scaleOf(name)(hp[name])));
  const least = names.map((_, at) => Math.min(...raw.map((row) => row[at])));
  const range = names.map((_, at) => Math.max(...raw.map((row) => row[at])) - least[at]);
  const rows = raw.map((row) => row.map((value, at) => (value - least[at]) / range[at]));
  const curves = configurations.map(({ valid }) => valid);
  const best = curves.map(leastOf).sort((a, b) => a - b);
  const within = (part) => best[Math.max(0, Math.ceil(part * best.length) - 1)];
  return { task, names, rows, curves, points: curves[0].length, within: { 1: within(0.01), 5: within(0.05) }, best };
}

/** Every table of a folder. */
export function openTables(folder) {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  if (files.length === 0) throw new Error(`${folder} has no table, a file NAME.json`);
  return files.sort().map((file) => readTable(join(folder, file)));
}

/** The rows next to a point of the unit cube, nearest first, with the squares of their distances. */
function neighbours({ rows }, point, count) {
  const found = rows.map((row, index) => ({
    index,
    far: row.reduce((sum, value, at) => sum + (value - point[at]) ** 2, 0),
  }));
  return found.sort((a, b) => a.far - b.far).slice(0, count);
}

/** The curve of the nearest configuration. */
export function nearestCurve({ rows, curves }, point) {
  let [nearest, least] = [0, Infinity];
  for (const [index, row] of rows.entries()) {
    let far = 0;
    for (let at = 0; at < row.length; at += 1) far += (row[at] - point[at]) ** 2;
    if (far < least) [nearest, least] = [index, far];
  }
  return curves[nearest];
}

/** The mean of eight neighbours by inverse distance, in log loss, with 1 % of noise. `normal` draws standard normal numbers. */
export function smoothCurve(table, point, normal) {
  const near = neighbours(table, point, 8).map(({ index, far }) => ({
    curve: table.curves[index],
    weight: 1 / (Math.sqrt(far) + 1e-6),
  }));
  const total = near.reduce((sum, { weight }) => sum + weight, 0);
  return Array.from({ length: table.points }, (_, at) => {
    if (isBad(near[0].curve[at])) return null;
    const log = near.reduce(
      (sum, { curve, weight }) => sum + weight * Math.log(isBad(curve[at]) ? 1e3 : Math.max(curve[at], 1e-12)),
      0,
    );
    return Math.exp(log / total + 0.01 * normal());
  });
}

/**
 * The limits of the best 1 % and 5 % of `count` random points under the smooth protocol, whose means never come near the best curve of a
 * table. `uniform` draws numbers in [0, 1).
 */
export function smoothLimits(table, uniform, count = 1000) {
  const values = Array.from({ length: count }, () =>
    leastOf(smoothCurve(table, table.names.map(uniform), () => 0)),
  ).sort((a, b) => a - b);
  return { within: { 1: values[count / 100 - 1], 5: values[count / 20 - 1] }, best: values };
}
