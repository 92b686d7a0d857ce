// Round trips of searches and results, against a stack of their own; see run.mjs.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** Every distribution of W&B that has a counterpart. */
const wandbSweep = `method: random
parameters:
  fixed: {value: 7}
  cell: {values: [lstm, gru]}
  layers: {min: 1, max: 4}
  real: {min: 1.0, max: 4}
  rate: {distribution: log_uniform, min: -9.21, max: -2.3}
  values: {distribution: log_uniform_values, min: 0.0001, max: 0.1}
  inverse: {distribution: inv_log_uniform, min: 2.3, max: 9.21}
  units: {distribution: q_uniform, min: 16, max: 64, q: 16}
`;

/** A sweep that trains in a second, whose trials have curves. */
const trained = `name: interchange
dataset: {name: typescript-declarations, split: {validation: 4000}}
task: language-model
model: {cell: {grid: [rnn, gru]}, hiddenSize: {choice: [8, 12]}, embeddingSize: 4}
training: {bptt: 8, batchSize: 4, updates: 8, reportEvery: 2, learningRate: {logUniform: [1e-3, 1e-2]}}
search: {trials: 4}
`;

/** Runs `use` with a running stack, and ends it. */
async function withStack({ program, folder }, use) {
  const stack = spawn(process.execPath, [program, 'start', '--port', '0', '--data', join(folder, 'stack')]);
  const ended = new Promise((resolve) => stack.on('close', resolve));
  let said = '';
  for (const output of [stack.stdout, stack.stderr]) output.on('data', (data) => (said += data.toString()));
  try {
    await Promise.race([
      new Promise((resolve) => stack.stdout.on('data', () => said.includes('runs at http') && resolve())),
      ended.then(() => Promise.reject(new Error(`the stack ended: ${said}`))),
    ]);
    return await use();
  } finally {
    stack.kill('SIGINT');
    await ended;
  }
}

/** 0 if two values are the same as JSON, else infinite, which no comparison is close to. */
const same = (one, other) => (JSON.stringify(one) === JSON.stringify(other) ? 0 : Infinity);

/** The largest relative difference between numbers of two lists of pairs. */
const worst = (pairs) =>
  Math.max(0, ...pairs.map(([one, other]) => Math.abs(one - other) / Math.max(1, Math.abs(other))));

/** Whether what was drawn is in the range of ours, and reaches both of its ends within a tenth of it. */
function covers(own, drawn) {
  if (typeof own !== 'object') return same([own], drawn);
  if ('choice' in own) return same([...own.choice].sort(), drawn);
  const [key, isLog] = 'logUniform' in own ? ['logUniform', true] : ['int' in own ? 'int' : 'uniform', false];
  const scale = (value) => (isLog ? Math.log(value) : value);
  const [low, high] = own[key].map(scale);
  const values = drawn.map(scale);
  const reach = 0.1 * (high - low);
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const isInside = least >= low - 1e-9 && most <= high + 1e-9 && least - low <= reach && high - most <= reach;
  return isInside && (key !== 'int' || drawn.every(Number.isInteger)) ? 0 : Infinity;
}

/** What a part compares: each yields a line and a difference. `searches` runs a function of searches.py. */
export const searchParts = ({ searches, unroll, program }) => ({
  *wandb(python, folder) {
    const file = join(folder, 'wandb.yaml');
    writeFileSync(file, wandbSweep);
    const { space } = JSON.parse(unroll(['import', file, '--print', '--json'], folder));
    const { tool, drawn } = searches(python, 'draw_wandb', file);
    for (const [name, own] of Object.entries(space))
      yield { text: `${tool}: draws ${name} from what was imported`, difference: covers(own, drawn[name]) };
  },

  async *optuna(python, folder) {
    const journal = join(folder, 'theirs.log');
    const theirs = searches(python, 'write_optuna', journal);
    const again = join(folder, 'ours.log');
    const ours = await withStack({ program, folder }, () => {
      unroll(['import', journal], folder);
      unroll(['sweep', 'export', 'last', '--format', 'optuna', '-o', again], folder);
      return searches(python, 'read_optuna', again);
    });
    const sorted = ({ trials }) => trials.sort((a, b) => a.value - b.value);
    const [before, after] = [sorted(theirs), sorted(ours)];
    const names = ['lr', 'units', 'dropout', 'cell'];
    const shape = (trials) => trials.map(({ params }) => [params.units, params.cell]);
    yield {
      text: `${theirs.tool}: a journal's trials, imported and exported`,
      difference: same(shape(before), shape(after)),
    };
    const pairs = before.flatMap(({ value, params: { lr, dropout } }, index) => {
      const other = after[index] ?? { params: {} };
      return [
        [value, other.value],
        [lr, other.params.lr],
        [dropout, other.params.dropout],
      ];
    });
    yield { text: `${theirs.tool}: their values and real parameters`, difference: worst(pairs) };
    yield {
      text: `${ours.tool}: goes on with an exported study`,
      difference: same([ours.goal, ours.asked], ['minimize', names.sort()]),
    };
  },

  async *branches(python, folder) {
    const kinds = [
      ['optuna', '', 'a journal'],
      ['optuna-sqlite', '_sqlite', 'a database of SQLite'],
    ];
    const found = await withStack({ program, folder }, () =>
      kinds.map(([format, ending, what]) => {
        const [there, again] = ['theirs', 'ours'].map((name) => join(folder, `${name}${ending}`));
        const theirs = searches(python, `write_optuna_branches${ending}`, there);
        unroll(['import', there], folder);
        unroll(['sweep', 'export', 'last', '--format', format, '-o', again], folder);
        return { what, theirs, ours: searches(python, `read_optuna_branches${ending}`, again) };
      }),
    );
    // Parameters come back in another order.
    const sorted = ({ trials }) =>
      trials.map(({ params, ...rest }) => [
        Object.entries(params).sort(([one], [other]) => (one < other ? -1 : 1)),
        rest,
      ]);
    for (const { what, theirs, ours } of found) {
      yield {
        text: `${ours.tool}: trials of ${what} with parameters that depend on others, and their intermediate values`,
        difference: same(sorted(theirs), sorted(ours)),
      };
      yield {
        text: `${ours.tool}: a pruner and a plot have them`,
        difference: same([true, theirs.trials.length], [ours.prunes, ours.curves]),
      };
    }
  },

  async *sqlite(python, folder) {
    const database = join(folder, 'study.db');
    const { tool, trials } = searches(python, 'write_optuna_sqlite', database);
    const again = join(folder, 'ours.db');
    const ours = await withStack({ program, folder }, () => {
      unroll(['import', database], folder);
      unroll(['sweep', 'export', 'last', '--format', 'optuna-sqlite', '-o', again], folder);
      return searches(python, 'read_optuna_sqlite', again);
    });
    const sorted = (list) => list.sort((a, b) => a.value - b.value);
    const [before, after] = [sorted(trials), sorted(ours.trials)];
    const shape = (list) => list.map(({ params }) => [params.units, params.cell]);
    yield {
      text: `${tool}: the trials of a database of SQLite, imported and exported`,
      difference: same(shape(before), shape(after)),
    };
    const values = before.flatMap(({ value, params }, index) => [
      [value, after[index].value],
      [params.lr, after[index].params.lr],
    ]);
    yield { text: `${tool}: their values and rates`, difference: worst(values) };
    const names = ['lr', 'units', 'dropout', 'cell'].sort();
    yield {
      text: `${ours.tool}: goes on with an exported database`,
      difference: same([ours.goal, ours.asked, ours.versions], ['minimize', names, ['v3.2.0.a', 'v3.2.0.a']]),
    };
  },

  *katib(python, folder) {
    const file = join(folder, 'katib.yaml');
    const { tool } = searches(python, 'write_katib', file);
    const found = JSON.parse(unroll(['import', file, '--print', '--json'], folder));
    const expected = {
      ...{ name: 'lstm' },
      space: {
        ...{ lr: { logUniform: [0.001, 0.1] }, units: { int: [16, 64], step: 16 } },
        ...{ cell: { choice: ['lstm', 'gru'] }, dropout: { choice: [0, 0.5] } },
      },
      ...{ goal: 'maximize', search: { algorithm: 'tpe', trials: 12 }, budget: { concurrentTrials: 3, target: 0.99 } },
    };
    yield { text: `${tool}: an experiment of its models`, difference: same(found, expected) };
  },

  async *ray(python, folder) {
    const theirs = searches(python, 'write_ray', folder);
    const ours = await withStack({ program, folder }, () => {
      unroll(['import', join(folder, 'lstm'), '--metric', 'val_loss', '--goal', 'minimize'], folder);
      return JSON.parse(unroll(['trial', 'list', '--json'], folder));
    });
    const sorted = (list) => list.sort((a, b) => a[0] - b[0]);
    const before = sorted(theirs.trials.map(({ last, params }) => [last, params.lr, params.units, params.cell]));
    const after = sorted(ours.map(({ value, parameters: p }) => [value, p.lr, p.units, p.cell]));
    const shape = (list) => list.map(([, , ...rest]) => rest);
    yield { text: `${theirs.tool}: the trials of a folder of results`, difference: same(shape(before), shape(after)) };
    const pairs = before.flatMap(([value, rate], index) => [
      [value, after[index][0]],
      [rate, after[index][1]],
    ]);
    yield { text: `${theirs.tool}: their last values and rates`, difference: worst(pairs) };
  },

  async *mlflow(python, folder) {
    yield* curves(python, folder, { searches, unroll, program }, 'mlflow');
  },

  async *tensorboard(python, folder) {
    yield* curves(python, folder, { searches, unroll, program }, 'tensorboard');
  },
});

/** Trains a sweep, exports it, and compares each curve with what the other side reads. */
async function* curves(python, folder, { searches, unroll, program }, format) {
  const file = join(folder, 'sweep.yaml');
  writeFileSync(file, trained);
  const { found, trials } = await withStack({ program, folder }, async () => {
    unroll(['sweep', 'submit', file, '--watch'], folder);
    const listed = JSON.parse(unroll(['trial', 'list', '--json'], folder));
    const own = listed.map((trial) => ({
      ...trial,
      curves: JSON.parse(unroll(['trial', 'curve', trial.id, '--json'], folder)),
    }));
    return { trials: own, found: await other[format](python, folder, { searches, unroll }) };
  });
  yield {
    text: `${found.tool}: the runs of an exported sweep`,
    difference: same(Object.keys(found.runs).sort(), trials.map(({ id }) => id).sort()),
  };
  const pairs = trials.flatMap((trial) =>
    trial.curves.flatMap(({ name, updates, values }) => {
      const run = found.runs[trial.id];
      const points = (run.metrics ?? run)[name] ?? [];
      return updates.flatMap((update, index) => [
        [update, points[index]?.[0]],
        [values[index], points[index]?.[1]],
      ]);
    }),
  );
  yield { text: `${found.tool}: all ${pairs.length / 2} points of their curves`, difference: worst(pairs) };
}

/** A server of MLflow on a free port, while `use` runs. */
async function withMlflow(python, folder, use) {
  const port = await new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address();
      probe.close(() => resolve(free));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(
    python,
    [
      '-m',
      'mlflow',
      'server',
      '--workers',
      '1',
      '--port',
      String(port),
      '--backend-store-uri',
      `sqlite:///${join(folder, 'mlflow.db')}`,
    ],
    {
      cwd: folder,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' },
    },
  );
  try {
    for (;;) {
      const answer = await fetch(`${url}/health`).catch(() => undefined);
      if (answer?.ok) break;
      if (server.exitCode !== null) throw new Error(`the server of MLflow ended with ${server.exitCode}`);
      await setTimeout(500);
    }
    return await use(url);
  } finally {
    process.kill(-server.pid);
  }
}

const other = {
  mlflow: (python, folder, { searches, unroll }) =>
    withMlflow(python, folder, (url) => {
      unroll(['sweep', 'export', 'last', '--format', 'mlflow', '--to', url], folder);
      return searches(python, 'read_mlflow', url);
    }),

  tensorboard: (python, folder, { searches, unroll }) => {
    unroll(['sweep', 'export', 'last', '--format', 'tensorboard', '-o', join(folder, 'runs')], folder);
    return searches(python, 'read_tensorboard', join(folder, 'runs'));
  },
};
