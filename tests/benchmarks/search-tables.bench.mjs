// npm run bench -- search-tables FOLDER [--seeds N] [--first N] [--trials N] [--samplers a,b] [--rules none,asha] [--parallel N]
//   [--smooth] [--peer]
//
// The quality of the search on tables of real tunings, such as TaskSet (Metz et al. 2020). A table is a JSON file {task, configurations:
// [{hp: {name: number}, valid: [loss at each point of the curve, null for NaN]}]}. A proposal gets the curve of the nearest configuration
// in the normalised logarithmic space or, with --smooth, a mean of eight neighbours with noise. The budget is counted in points of
// curves: that of `trials` whole ones, of which `parallel` train at a time. Shown is the share of runs whose best value is among the best
// 1 % and 5 % of the table; under --smooth, among those of 1,000 random points. With --peer, Optuna runs on the same tables afterwards.
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { median } from './median.mjs';
import { runPeer } from './tables/peer.mjs';
import { openReferee } from './tables/referees.mjs';
import { leastOf, nearestCurve, openTables, smoothCurve, smoothLimits } from './tables/tables.mjs';

const require = createRequire(import.meta.url);
const ours = (path) => require(`../../dist/libs/${path}.js`);

/** Fractions of the budget at which a run is judged. */
const marks = [1 / 8, 1 / 4, 1 / 2, 1];

/** One search: the best value at each mark, and how many different configurations it trained. */
function search(table, sampler, rule, { trials, seed, curveAt, parallel }) {
  const { toSpace, gridPoint } = ours('search/src/space/point');
  const { randomNumbers } = ours('search/src/space/numbers');
  const space = toSpace(Object.fromEntries(table.names.map((name) => [name, { uniform: [0, 1] }])));
  const [suggester, referee] = [sampler.open(space, seed), openReferee(rule, seed)];
  const budget = trials * table.points;
  let [best, used, mark, started] = [Infinity, 0, 0, 0];
  const reached = [];
  const points = new Set();
  let running = [];
  const propose = () => {
    const numbers = randomNumbers(seed, started, 0);
    const point = suggester.suggest({
      ...{ number: started, attempt: 0, fixed: gridPoint(space, 0), numbers, allows: () => true },
      running: running.map((each) => each.point),
    });
    points.add(point.join());
    running.push({ number: started, point, curve: curveAt(table, point, numbers), values: [] });
    started += 1;
  };
  while (mark < marks.length) {
    while (running.length < parallel) propose();
    for (const training of [...running]) {
      const { number, point, values, curve } = training;
      const value = curve[values.length] ?? NaN;
      values.push(value);
      used += 1;
      best = Number.isFinite(value) ? Math.min(best, value) : best;
      while (mark < marks.length && used >= marks[mark] * budget) {
        reached.push(best);
        mark += 1;
      }
      const { leaves, learns, resumed } = referee.judge(training);
      if (leaves) running = [...running.filter((each) => each !== training), ...resumed];
      if (!learns) continue;
      const least = leastOf(values);
      const share = values.length / table.points;
      suggester.learn({ number, point, values: [Number.isFinite(least) ? least : NaN], share });
    }
  }
  return { reached, distinct: points.size };
}

const share = (runs, at, limit) => runs.filter(({ reached }) => reached[at] <= limit).length / runs.length;

export default async function searchTables(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '20' },
      first: { type: 'string', default: '0' },
      trials: { type: 'string', default: '100' },
      samplers: { type: 'string', default: 'random,sobol,tpe,gaussian-process,cma-es' },
      rules: { type: 'string', default: 'none,asha' },
      parallel: { type: 'string', default: '1' },
      smooth: { type: 'boolean', default: false },
      peer: { type: 'boolean', default: false },
    },
  });
  if (positionals.length !== 1) throw new Error('give the folder of the tables');
  const { samplers } = ours('search/src/samplers/index');
  const { randomNumbers } = ours('search/src/space/numbers');
  const tables = openTables(positionals[0]).map((table, index) =>
    values.smooth ? { ...table, ...smoothLimits(table, randomNumbers(0, index, 0).next) } : table,
  );
  const [seeds, trials, first] = [Number(values.seeds), Number(values.trials), Number(values.first)];
  const curveAt = values.smooth ? (table, point, numbers) => smoothCurve(table, point, numbers.normal) : nearestCurve;
  console.log(
    `${tables.length} tables, ${seeds} seeds, ${trials} whole trainings, ${values.smooth ? 'smooth' : 'nearest configuration'}`,
  );
  console.log(
    `\n| sampler, rule | 1 %: ${marks.join(' · ')} | 5 %: ${marks.join(' · ')} | median rank | by table, 1 % at the end | distinct | s |`,
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const algorithm of values.samplers.split(','))
    for (const rule of values.rules.split(',')) {
      const began = performance.now();
      const byTable = tables.map((table) =>
        Array.from({ length: seeds }, (_, seed) =>
          search(table, samplers[algorithm], rule, {
            trials,
            seed: first + seed,
            curveAt,
            parallel: Number(values.parallel),
          }),
        ),
      );
      const mean = (what) => byTable.reduce((sum, runs, at) => sum + what(runs, tables[at]), 0) / tables.length;
      const within = (part) =>
        marks.map((_, at) => mean((runs, table) => share(runs, at, table.within[part])).toFixed(2)).join(' · ');
      const rank = mean((runs, { best }) =>
        median(runs.map(({ reached }) => best.filter((each) => each < reached.at(-1)).length + 1)),
      );
      const each = byTable.map((runs, at) => share(runs, marks.length - 1, tables[at].within[1]).toFixed(2)).join(' ');
      const distinct = mean((runs) => median(runs.map((run) => run.distinct)));
      const took = ((performance.now() - began) / 1000).toFixed(1);
      console.log(
        `| ${algorithm}, ${rule} | ${within(1)} | ${within(5)} | ${rank.toFixed(0)} | ${each} | ${distinct} | ${took} |`,
      );
    }
  if (!values.peer) return;
  const all = (shares) => shares.map((each) => each.toFixed(2)).join(' · ');
  for await (const { version, sampler, rule, one, five, each } of runPeer(positionals[0], {
    trials,
    seeds,
    first,
    smooth: values.smooth,
  }))
    console.log(
      `| Optuna ${version} ${sampler}, ${rule} | ${all(one)} | ${all(five)} | | ${all(each).replaceAll(' ·', '')} | | |`,
    );
}
