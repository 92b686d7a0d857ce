// The quality of proposals: the best value after a number of trials on known functions, median and quartiles over seeds, beside
// Optuna's samplers on the same functions if they are installed. Arguments: trials (default 100), seeds (default 20).
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { counts } from './counts.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/libs/search/src/${path}.js`);

const A = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
];
const P = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
];
const sum = (values) => values.reduce((a, b) => a + b, 0);
const several = (count, range) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, { uniform: range }]));
const valuesOf = (parameters, count) => Array.from({ length: count }, (_, i) => parameters[`x${i}`]);

/** Smaller is better. The minimum is 0, except for tuning: −0.05. */
export const functions = {
  branin: {
    space: { x: { uniform: [-5, 10] }, y: { uniform: [0, 15] } },
    value: ({ x, y }) =>
      (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 +
      10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
      10 -
      0.397887,
  },
  hartmann6: {
    space: several(6, [0, 1]),
    value(parameters) {
      const x = valuesOf(parameters, 6);
      const hill = (i) => Math.exp(-sum(x.map((v, j) => A[i][j] * (v - P[i][j]) ** 2)));
      return 3.32237 - sum([1, 1.2, 3, 3.2].map((height, i) => height * hill(i)));
    },
  },
  ackley10: {
    space: several(10, [-32.768, 32.768]),
    value(parameters) {
      const x = valuesOf(parameters, 10);
      const length = Math.sqrt(sum(x.map((v) => v * v)) / 10);
      return -20 * Math.exp(-0.2 * length) - Math.exp(sum(x.map((v) => Math.cos(2 * Math.PI * v))) / 10) + 20 + Math.E;
    },
  },
  // The shapes of our own problems: log scales, an integer, a choice, and a parameter that exists in one branch only.
  tuning: {
    space: {
      cell: { choice: ['rnn', { kind: 'lstm', forgetBias: { uniform: [0, 3] } }, 'gru'] },
      learningRate: { logUniform: [1e-5, 1e-1] },
      hiddenSize: { int: [16, 512], log: true },
      dropout: { uniform: [0, 0.8] },
    },
    value({ cell, learningRate, hiddenSize, dropout, 'cell.forgetBias': forgetBias }) {
      const best = { rnn: 1e-3, lstm: 5e-3, gru: 3e-3 }[cell];
      const branch = cell === 'lstm' ? 0.1 * (forgetBias - 1) ** 2 - 0.1 : 0;
      const rate = 0.15 * Math.log10(learningRate / best) ** 2;
      const width = 0.2 * (Math.log2(hiddenSize / 200) / 3) ** 2;
      return { rnn: 0.3, lstm: 0.05, gru: 0 }[cell] + rate + width + branch + 0.3 * Math.abs(dropout - 0.2);
    },
  },
};

/** The best value that a sampler finds in `trials` trials, one after another. */
function bestOf(sampler, { space: tree, value }, trials, seed) {
  const { toSpace, gridPoint, drawAt } = ours('space/point');
  const { randomNumbers } = ours('space/numbers');
  const space = toSpace(tree);
  const suggester = sampler.open(space, seed);
  let best = Infinity;
  for (let number = 0; number < trials; number += 1) {
    const numbers = randomNumbers(seed, number, 0);
    const ask = { number, attempt: 0, fixed: gridPoint(space, 0), running: [], numbers, allows: () => true };
    const point = suggester.suggest(ask);
    const reached = value(drawAt(space, (dimension) => point[dimension]).parameters);
    best = Math.min(best, reached);
    suggester.learn({ number, point, values: [reached], share: 1 });
  }
  return best;
}

/** Quantiles as in Python's statistics.quantiles. */
function quantile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = Math.min(sorted.length - 1, Math.max(0, (sorted.length + 1) * part - 1));
  const low = Math.floor(at);
  return sorted[low] + (at - low) * (sorted[Math.min(sorted.length - 1, low + 1)] - sorted[low]);
}

const row = (name, label, values) => {
  const [lower, middle, upper] = [0.25, 0.5, 0.75].map((part) => quantile(values, part).toFixed(4));
  console.log(`| ${name} | ${label} | ${middle} | ${lower} | ${upper} |`);
};

/** Optuna's output lines, as they arrive. */
async function* optuna(trials, seeds) {
  const script = fileURLToPath(new URL('peers/optuna_quality.py', import.meta.url));
  const child = spawn('/usr/bin/python3', [script, String(trials), String(seeds)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  child.on('error', () => undefined);
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
}

export default async function searchQuality(args) {
  const { trials, seeds } = counts(args, { trials: 100, seeds: 20 });
  const { samplers } = ours('samplers/index');
  console.log(`best of ${trials} trials, less is better; ${seeds} seeds`);
  console.log('');
  console.log('| function | sampler | median | lower quartile | upper quartile |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [name, problem] of Object.entries(functions))
    for (const algorithm of ['random', 'sobol', 'tpe', 'gaussian-process', 'cma-es']) {
      if (algorithm === 'cma-es' && name === 'tuning') continue;
      const values = Array.from({ length: seeds }, (_, seed) => bestOf(samplers[algorithm], problem, trials, seed));
      row(name, algorithm, values);
    }
  let isThere = false;
  for await (const { version, function: name, sampler, values } of optuna(trials, seeds)) {
    isThere = true;
    row(name, `Optuna ${version}, ${sampler}`, values);
  }
  if (!isThere) console.log('| | Optuna: /usr/bin/python3 has none here | | | |');
}
