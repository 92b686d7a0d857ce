import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { readModel, type Model } from '../../libs/training/src';
import { someOf } from '../../libs/training/src/testing/some-of';
import { lives, succeeds, unroll } from '../support/cli';
import { describeWith } from '../support/machine';
import { hasRedis } from '../support/servers.cjs';
import { useStack, type RunningStack } from '../support/stack';
import { until } from '../support/until';

const text = 'it was the best of times, it was the worst of times. '.repeat(40);

function sweepFile(folder: string, changes: Record<string, unknown> = {}): string {
  const path = join(folder, `sweep-${Math.random()}.json`);
  const sweep = {
    name: 'times',
    // The streams of the training part begin elsewhere in the sentence than those of the whole text.
    dataset: { name: 'times', split: { validation: 0.12 } },
    task: 'language-model',
    model: { cell: { grid: ['rnn', 'lstm', 'gru'] }, hiddenSize: { choice: [8, 12] }, embeddingSize: 6 },
    training: { bptt: 8, batchSize: 4, updates: 20, reportEvery: 5, learningRate: { logUniform: [1e-3, 2e-2] } },
    search: { trials: 6, seed: 1 },
  };
  writeFileSync(path, JSON.stringify({ ...sweep, ...changes }));
  return path;
}

/** A sweep that runs until it is cancelled. */
const endless = { training: { bptt: 8, batchSize: 4, updates: 1_000_000, reportEvery: 10 }, search: { trials: 3 } };

/** Starts a stack that knows the text of the sweeps. */
function useStackWithText(environment: Record<string, string> = {}): RunningStack {
  const stack = useStack(environment);
  beforeAll(async () => {
    const added = await stack.unroll('dataset', 'add', 'times', stack.write('times.txt', text), '--kind', 'text');
    expect(added.code).toBe(0);
  });
  return stack;
}

function itTrains(stack: RunningStack): void {
  const { api } = stack;

  it('runs a sweep up to its leaderboard, with each trial ranked once', async () => {
    const { code, stdout } = await stack.unroll('sweep', 'submit', sweepFile(stack.folder), '--watch');
    expect(code).toBe(0);
    expect(stdout).toContain('6 trials');
    const board = await api('/v1/sweeps/last/leaderboard');
    expect(board.items.map(({ rank }: any) => rank)).toEqual([1, 2, 3, 4, 5, 6]);
    const values = board.items.map(({ value }: any) => value);
    expect(values).toEqual([...values].sort((a: number, b: number) => a - b));
    expect(board.baselines).toMatchObject([{ name: 'character bigram', state: 'baseline' }]);
    const { items } = await api('/v1/sweeps/last/trials');
    const [{ engine }] = (await api('/v1/workers')).items;
    expect(['tensorflow', 'native', 'wasm']).toContain(engine);
    for (const trial of items) {
      expect(trial).toMatchObject({ state: 'completed', updates: 20, engine, lanes: 2 });
      const { series } = await api(`/v1/trials/${trial.id}/metrics?name=validation.bitsPerToken`);
      expect(series[0].updates).toEqual([5, 10, 15, 20]);
      expect(trial.value).toBe(Math.min(...series[0].values));
      expect((await api(`/v1/trials/${trial.id}/attempts`)).items).toMatchObject([{ state: 'succeeded' }]);
    }
  });
}

describeWith('redis-server', hasRedis)('the stack with its queue on Redis', () => {
  const stack = useStackWithText({ REDIS_URL: process.env.UNROLL_TEST_REDIS! });
  itTrains(stack);
});

describe('the stack with its queue on PostgreSQL', () => {
  const stack = useStackWithText();
  const { api } = stack;

  itTrains(stack);

  it('shows sweeps, trials, curves and the leaderboard as tables, JSON and CSV', async () => {
    expect((await stack.unroll('sweep', 'list')).stdout).toContain('times');
    expect((await stack.unroll('sweep', 'show', 'last')).stdout).toContain('6 completed');
    expect((await stack.unroll('leaderboard')).stdout).toMatch(/1 +\w{8} +[\d.]+ +cell/);
    const { items } = JSON.parse((await stack.unroll('leaderboard', '--json', '--limit', '2')).stdout);
    expect(items).toHaveLength(2);
    const csv = (await stack.unroll('leaderboard', '--format', 'csv')).stdout.trim().split('\n');
    expect(csv[0]).toMatch(/^rank,tied,sweepId,sweepName,configuration,trialId,metric,value,/);
    expect(csv).toHaveLength(7);
    expect((await stack.unroll('trial', 'show', items[0].trialId)).stdout).toContain('succeeded');
    expect((await stack.unroll('trial', 'curve', items[0].trialId)).stdout).toMatch(/[┤┼].*[─╮╰]/);
    expect((await stack.unroll('dataset', 'list')).stdout).toContain('typescript-declarations');
  });

  it('prints a trial as a file that trains to the same curve, with and without the stack', async () => {
    const { items } = await api('/v1/sweeps/last/trials?limit=2');
    const { series } = await api(`/v1/trials/${items[1].id}/metrics?name=train.loss`);
    const yaml = (await stack.unroll('trial', 'spec', items[1].id)).stdout;
    expect(Object.keys(parse(yaml))).toEqual(['dataset', 'task', 'model', 'training']);
    const path = join(stack.folder, 'again.yaml');
    writeFileSync(path, yaml);
    const named = await stack.unroll('train', path, '--json');
    writeFileSync(path, yaml.replace('name: times', 'path: times.txt\n  kind: text'));
    const { stdout } = await unroll(['train', path, '--json']);
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!).metrics).toEqual(
      JSON.parse(named.stdout.trim().split('\n').at(-1)!).metrics,
    );
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!).metrics['train.loss']).toBe(series[0].values.at(-1));
  });

  it('stores the model of a completed trial', async () => {
    const { items } = await api('/v1/sweeps/last/trials?limit=1');
    const path = join(stack.folder, 'weights.safetensors');
    expect((await stack.unroll('trial', 'model', items[0].id, '-o', path)).code).toBe(0);
    const file = readFileSync(path);
    const header = JSON.parse(file.subarray(8, 8 + Number(file.readBigUInt64LE(0))).toString());
    expect(Object.keys(header)).toEqual(
      expect.arrayContaining(['embedding.weight', 'recurrent.weight_ih_l0', 'output.bias']),
    );
  });

  it('shows the best trial, and trains it again on all data, of which nothing is left to measure it on', async () => {
    const best = JSON.parse(await succeeds(stack.unroll('sweep', 'best', '--json')));
    expect(best.id).toBe((await api('/v1/sweeps/last/leaderboard')).items[0].trialId);
    const [own, again] = ['own', 'again'].map((name) => join(stack.folder, `${name}.safetensors`)) as [string, string];
    await succeeds(stack.unroll('trial', 'model', best.id, '-o', own));
    const made = await stack.unroll('sweep', 'best', '--retrain', 'all', '-o', again, '--json');
    expect({ code: made.code, stderr: made.stderr }).toEqual({
      code: 0,
      stderr: expect.not.stringContaining('unroll:'),
    });
    const { series } = await api(`/v1/trials/${best.id}/metrics?name=validation.loss`);
    const kept = series[0].updates[series[0].values.indexOf(Math.min(...series[0].values))];
    expect(JSON.parse(made.stdout)).toMatchObject({ trialId: best.id, updates: kept, heldOut: best.metrics });
    // On the part that it was trained on before, it would have the very weights of the trial.
    const [first, second] = [own, again].map((file) => readModel(readFileSync(file))) as [Model, Model];
    expect(second.header).toMatchObject({ fingerprint: first.header.fingerprint, update: kept, trainedOnAll: true });
    expect(second.weights['output.weight']).not.toEqual(first.weights['output.weight']);
    const refused = await stack.unroll('evaluate', again);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing of it is held out') });
    const measured = await succeeds(stack.unroll('evaluate', again, '--input', stack.write('new.txt', text), '--json'));
    expect(JSON.parse(measured).metrics.bitsPerToken).toBeLessThan(8);
  });

  it('exports its trials for other tools, and imports a study of Optuna with their results', async () => {
    const { items } = await api('/v1/sweeps/last/leaderboard');
    const journal = join(stack.folder, 'study.log');
    await succeeds(stack.unroll('sweep', 'export', 'last', '--format', 'optuna', '-o', journal));
    const imported = JSON.parse(await succeeds(stack.unroll('import', journal, '--name', 'from Optuna', '--json')));
    expect(imported).toMatchObject({ total: items.length, objective: { goal: 'minimize' } });
    // The leader ends a study within seconds of its last result.
    await until(async () => (await api(`/v1/sweeps/${imported.id}`)).state === 'completed');
    const board = await api(`/v1/sweeps/${imported.id}/leaderboard`);
    expect(board.items.map(({ value }: any) => value)).toEqual(items.map(({ value }: any) => value));
    expect(board.items[0].parameters).toEqual(items[0].parameters);
    const events = join(stack.folder, 'events');
    const own = items[0].sweepId;
    await succeeds(stack.unroll('sweep', 'export', own, '--format', 'tensorboard', '-o', events));
    expect(readdirSync(events).sort()).toEqual(items.map(({ trialId }: any) => trialId).sort());
    const again = await stack.unroll('sweep', 'export', own, '--format', 'tensorboard', '-o', events);
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('is there already') });
    await succeeds(stack.unroll('sweep', 'delete', imported.id, '--yes'));
  });

  it("generates text with a trial's model, and starts another sweep from it", async () => {
    const [best] = (await api('/v1/sweeps/last/leaderboard')).items;
    const { stdout } = await stack.unroll('generate', best.trialId, '--prompt', 'it was', '--length', '9', '--json');
    expect(JSON.parse(stdout).text).toHaveLength(9);
    const { spec } = await api(`/v1/trials/${best.trialId}`);
    const start = { trial: best.trialId.slice(0, 7) };
    const training = {
      ...endless.training,
      updates: 5,
      reportEvery: 5,
      learningRate: 1e-6,
      freeze: ['embedding'],
      start,
    };
    const next = sweepFile(stack.folder, { model: spec.model, training, search: { trials: 1 } });
    expect((await stack.unroll('sweep', 'submit', next, '--watch')).code).toBe(0);
    const begun = await api('/v1/trials/last');
    expect(begun).toMatchObject({ state: 'completed', spec: { training: { initFrom: { trial: best.trialId } } } });
    // With so low a learning rate the value stays that of the first trial.
    expect(begun.value).toBeCloseTo(best.value, 3);
    expect((await stack.unroll('sweep', 'delete', begun.sweepId)).code).toBe(0);
  });

  it('uploads the word vectors and the tokenizer that a sweep file names, and trains with them', async () => {
    const fixtures = join(__dirname, '..', 'interchange', 'fixtures', 'tokenizer');
    stack.write('own-tokenizer.json', readFileSync(join(fixtures, 'tokenizer.json'), 'utf8'));
    stack.write('own-vectors.txt', 'e 4 5 6\nt 7 8 9\nother 1 2 3\n');
    const changes = {
      task: { kind: 'language-model', tokens: 'subword', tokenizer: 'own-tokenizer.json' },
      model: { cell: 'gru', hiddenSize: 8, embeddingSize: 3 },
      training: {
        ...{ bptt: 4, batchSize: 2, updates: 4, reportEvery: 2 },
        ...{ initFrom: { embedding: 'own-vectors.txt' }, freeze: ['embedding'] },
      },
      search: { trials: 1 },
    };
    await succeeds(stack.unroll('sweep', 'submit', sweepFile(stack.folder, changes), '--watch'));
    const { id, spec } = await api('/v1/trials/last');
    const { name, ...tokenizer } = spec.task.tokenizer;
    expect(await api(`/v1/datasets/${name}`)).toMatchObject({ kind: 'tokenizer', ...tokenizer });
    const { embedding, fingerprint } = spec.training.initFrom;
    expect(await api(`/v1/datasets/${embedding}`)).toMatchObject({ kind: 'vectors', fingerprint });
    const files = ['of-stack', 'of-train'].map((file) => join(stack.folder, `${file}.safetensors`));
    await succeeds(stack.unroll('trial', 'model', id, '-o', files[0]!));
    // "unroll train" takes the specification of a trial, and both files from the stack.
    await succeeds(stack.unroll('train', stack.write('again.json', JSON.stringify(spec)), '-o', files[1]!));
    const [own, again] = files.map((file) => readModel(readFileSync(file))) as [Model, Model];
    expect(again.weights).toEqual(own.weights);
    const { inputVocabulary = [], inputAdded } = own.header.reading;
    expect([inputVocabulary.length, inputAdded]).toEqual([341, ['<|end|>', '<|endoftext|>', '==>']]);
    const row = 3 * inputVocabulary.indexOf('t');
    expect([...own.weights['embedding.weight']!.values.subarray(row, row + 3)]).toEqual([7, 8, 9]);
  });

  it('trains each configuration with each seed and shows it as one row with its deviation', async () => {
    const file = sweepFile(stack.folder, { search: { trials: 3, seeds: [4, 9] } });
    expect((await stack.unroll('sweep', 'submit', file, '--watch')).code).toBe(0);
    const { items } = await api('/v1/sweeps/last/leaderboard');
    expect(items.map(({ repeats }: any) => repeats)).toEqual([2, 2, 2]);
    for (const { deviation } of items) expect(deviation).toBeGreaterThan(0);
  });

  it('marks a trial that diverges, and its neighbours continue', async () => {
    const training = {
      bptt: 8,
      batchSize: 4,
      updates: 10,
      reportEvery: 5,
      optimizer: 'sgd',
      clipNorm: null,
      divergence: { norm: 50 },
      learningRate: { grid: [0.01, 1000] },
    };
    const file = sweepFile(stack.folder, {
      model: { cell: 'rnn', nonlinearity: 'relu', hiddenSize: 8 },
      training,
      search: 'grid',
    });
    expect((await stack.unroll('sweep', 'submit', file, '--watch')).code).toBe(1);
    const { items } = await api('/v1/sweeps/last/trials');
    expect(items.map(({ state }: any) => state)).toEqual(['completed', 'diverged']);
    expect(items[1].message).toMatch(/^update \d+: /);
  });

  const searched: [string, object, string, string, string[]][] = [
    ['parity', { kind: 'classification' }, 'validation.accuracy', 'maximize', ['most frequent class']],
    [
      'sine-mixture',
      { kind: 'forecasting', lookback: 10, season: 8 },
      'validation.mse',
      'minimize',
      ['drift', 'exponential smoothing', 'persistence', 'seasonal naive'],
    ],
  ];
  it.each(someOf(searched))(
    'searches on %s by the metric of its task, beside baselines',
    async (dataset, task, metric, goal, names) => {
      const size = dataset === 'sine-mixture' ? { steps: 200 } : { steps: 12, sequences: 60 };
      const changes = {
        dataset: { name: dataset, ...size, split: { validation: 0.2, test: 0.2 } },
        task,
        model: { cell: { grid: ['gru', 'min-gru'] }, hiddenSize: 8, embeddingSize: 4 },
        training: { batchSize: 8, epochs: 2, reportEvery: 3 },
        search: { trials: 2 },
      };
      const { code } = await stack.unroll('sweep', 'submit', sweepFile(stack.folder, changes), '--watch');
      expect(code).toBe(0);
      const board = await api('/v1/sweeps/last/leaderboard');
      expect(board.objective).toMatchObject({ metric, goal });
      expect(board.baselines.map(({ name }: any) => name).sort()).toEqual(names);
      expect(board.items.map(({ state }: any) => state)).toEqual(['completed', 'completed']);
      for (const { metrics } of board.items) expect(Number.isFinite(metrics['test.loss'])).toBe(true);
      const [first, second] = board.items.map(({ value }: any) => value);
      expect(goal === 'maximize' ? first >= second : first <= second).toBe(true);
      expect((await stack.unroll('trial', 'curve', board.items[0].trialId)).stdout).toContain(metric);

      // The two as one, on the part that no search saw.
      const { metrics, models, data } = JSON.parse(
        (await stack.unroll('evaluate', 'best', '--top', '2', '--json')).stdout,
      );
      const own = metric.replace('validation.', '');
      expect(data).toContain(`the test part of ${dataset}`);
      expect(models.map(({ model }: any) => model)).toEqual(board.items.map(({ trialId }: any) => trialId));
      board.items.forEach((row: any, index: number) =>
        expect(models[index].metrics[own]).toBeCloseTo(row.metrics[`test.${own}`], 4),
      );
      if (goal === 'minimize') expect(metrics[own]).toBeLessThan((models[0].metrics[own] + models[1].metrics[own]) / 2);
      else expect(metrics[own]).toBeGreaterThanOrEqual(0);
      expect(await stack.unroll('evaluate', 'last', '--top', '3')).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('--top 3: the sweep has 2 configurations with a completed trial'),
      });
    },
  );

  it('refuses a second start from the same folder, naming its address', async () => {
    const { code, stderr } = await unroll(['start', '--data', stack.folder, '--port', '0']);
    expect(stderr).toContain(`already runs from ${stack.folder} at ${stack.url}`);
    expect(code).toBe(2);
  });

  it('ends a cancelled sweep within seconds, and the trainer is free for the next', async () => {
    const id = JSON.parse(
      (await stack.unroll('sweep', 'submit', sweepFile(stack.folder, endless), '--json')).stdout,
    ).id;
    await until(async () => (await api(`/v1/sweeps/${id}`)).trials.running > 0);
    expect((await stack.unroll('sweep', 'cancel', id)).code).toBe(0);
    const began = performance.now();
    expect(
      (await stack.unroll('sweep', 'submit', sweepFile(stack.folder, { search: { trials: 3 } }), '--watch')).code,
    ).toBe(0);
    expect(performance.now() - began).toBeLessThan(60_000);
    expect(await api(`/v1/sweeps/${id}`)).toMatchObject({ state: 'cancelled', trials: { cancelled: 3, running: 0 } });
  });

  it('loses no trial when a trainer is killed', async () => {
    const training = { bptt: 8, batchSize: 4, updates: 200, reportEvery: 100 };
    const id = JSON.parse(
      (await stack.unroll('sweep', 'submit', sweepFile(stack.folder, { training }), '--json')).stdout,
    ).id;
    await until(async () => (await api(`/v1/sweeps/${id}`)).trials.running > 0);
    const { items } = await api('/v1/workers');
    process.kill(items[0].trainers[0], 'SIGKILL');
    expect((await stack.unroll('sweep', 'watch', id)).code).toBe(0);
    expect((await api(`/v1/sweeps/${id}`)).trials).toMatchObject({ completed: 6, failed: 0 });
  });
});

describe('a stack whose worker or API is killed', () => {
  const stack = useStackWithText({ UNROLL_LEASE_SECONDS: '5' });

  it('starts it again at the same address, says so, and loses no trial', async () => {
    const training = { bptt: 8, batchSize: 4, updates: 400, reportEvery: 100 };
    const submitted = await stack.unroll('sweep', 'submit', sweepFile(stack.folder, { training }), '--json');
    const { id } = JSON.parse(submitted.stdout);
    await until(async () => (await stack.api(`/v1/sweeps/${id}`)).trials.running > 0);
    const { children } = JSON.parse(readFileSync(join(stack.folder, 'instance.json'), 'utf8'));
    for (const pid of children) process.kill(pid, 'SIGKILL');
    await until(() => /The worker exited \(SIGKILL\); see \S+worker.log. Starting it again in 1 s/.test(stack.said()));
    await until(() => /The api exited \(SIGKILL\); see \S+api.log. Starting it again in 1 s/.test(stack.said()));
    await until(() =>
      fetch(`${stack.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    expect((await stack.unroll('sweep', 'watch', id)).code).toBe(0);
    expect((await stack.api(`/v1/sweeps/${id}`)).trials).toMatchObject({ completed: 6, failed: 0 });
    const { children: after } = JSON.parse(readFileSync(join(stack.folder, 'instance.json'), 'utf8'));
    expect(after.filter((pid: number) => children.includes(pid))).toEqual([]);
    expect(after.every(lives)).toBe(true);
  });

  it('keeps its data, logs and checkpoints from other users', () => {
    const own = (name: string): boolean => /^(sweep-.*json|times.txt)$/.test(name);
    const entries = readdirSync(stack.folder, { recursive: true, withFileTypes: true }).filter(
      ({ name }) => !own(name),
    );
    expect(entries.length).toBeGreaterThan(5);
    const open = entries.filter((entry) => statSync(join(entry.parentPath, entry.name)).mode & 0o066);
    expect(open.map(({ name }) => name)).toEqual([]);
    expect(stack.said()).not.toContain(readFileSync(join(stack.folder, 'key'), 'utf8').trim());
  });
});
