import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commandEnvironment, program, ran, succeeds, unroll, type Ran } from '../support/cli';
import { createDatabase } from '../support/database';
import { itAll } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';
import { startStack, type RunningStack } from '../support/stack';
import { until } from '../support/until';

const repository = join(__dirname, '..', '..');

/** A sweep of trials of `updates` updates over built-in data. */
const sweepOf = (trials: number, updates: number): string =>
  JSON.stringify({
    name: 'departure',
    dataset: { name: 'adding-problem', steps: 6, sequences: 60 },
    task: 'regression',
    model: { cell: 'lstm', hiddenSize: 8 },
    training: { batchSize: 4, updates, reportEvery: 10, learningRate: { logUniform: [1e-4, 1e-2] } },
    search: { trials },
  });

describe('a worker that leaves by itself', () => {
  let stack: RunningStack;
  let environment: Record<string, string>;

  beforeAll(async () => {
    const databaseUrl = await createDatabase();
    stack = await startStack({ DATABASE_URL: databaseUrl }, temporaryFolder(), ['--workers', '0']);
    environment = {
      DATABASE_URL: databaseUrl,
      ARTIFACTS_URL: pathToFileURL(join(stack.folder, 'artifacts')).href,
      UNROLL_ENGINE: 'cpu',
      UNROLL_LANES: '4',
    };
  });
  afterAll(async () => {
    stack.kill('SIGINT');
    await stack.ended;
  });

  const worker = (...args: string[]): Promise<Ran> =>
    unroll(['worker', ...args], { ...environment, UNROLL_DATA: temporaryFolder() });
  const submit = async (trials: number, updates: number): Promise<void> => {
    await succeeds(stack.unroll('sweep', 'submit', stack.write('sweep.json', sweepOf(trials, updates))));
  };
  const last = async (): Promise<Record<string, number>> => (await stack.api('/v1/sweeps/last')).trials;

  it('takes no more trials than --max-trials, finishes them, and exits with code 0', async () => {
    await submit(8, 20);
    const { code, stderr } = await worker('--max-trials', '3');
    expect([code, stderr]).toEqual([0, expect.stringContaining('leaving: it has trained as many trials as it was to')]);
    expect(await last()).toMatchObject({ completed: 3, running: 0, pending: 5 });
  });

  it('leaves once there were no trials for --exit-when-idle, after all results are committed', async () => {
    const { code, stderr } = await worker('--exit-when-idle', '1s');
    expect([code, stderr]).toEqual([0, expect.stringContaining('leaving: there were no trials for it for 1 s')]);
    expect(await last()).toMatchObject({ completed: 8, running: 0 });
  });

  itAll('releases what it trains at --max-time; others continue it', async () => {
    await submit(2, 2_000_000);
    const { code, stderr } = await worker('--max-time', '6');
    expect([code, stderr]).toEqual([0, expect.stringContaining('leaving: its time of 6 s is up')]);
    expect(await last()).toMatchObject({ completed: 0, running: 0, pending: 2 });
    await succeeds(stack.unroll('sweep', 'cancel', 'last'));
  });

  it('takes no more trials once it was drained, finishes what it trains, and leaves', async () => {
    await submit(8, 2_000_000);
    const child = spawn(process.execPath, [program, 'worker'], {
      env: commandEnvironment({ ...environment, UNROLL_DATA: temporaryFolder() }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (data: Buffer) => (said += data.toString()));
    const ended = ran(child);
    await until(async () => (await last()).running === 4);
    const listed = await succeeds(stack.unroll('worker', 'list', '--json'));
    const [{ id }] = JSON.parse(listed) as [{ id: string }];
    expect(await succeeds(stack.unroll('worker', 'drain', id))).toContain('leaves once what it trains has ended');
    await until(() => Promise.resolve(said.includes('was asked to leave')));
    await submit(2, 20);
    // What it trains ends now; the trials of the sweep that was submitted last are there to take.
    const { items } = await stack.api('/v1/sweeps');
    await succeeds(stack.unroll('sweep', 'cancel', items[1].id));
    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringContaining('leaving: it was drained') });
    expect(await last()).toMatchObject({ pending: 2, completed: 0 });
    expect((await stack.api('/v1/workers')).items).toEqual([]);
    await succeeds(stack.unroll('sweep', 'cancel', 'last'));
  });

  it('refuses a duration that is none, in one line', async () => {
    const { code, stderr } = await worker('--exit-when-idle', 'soon');
    expect([code, stderr.trim()]).toEqual([
      2,
      expect.stringMatching(/^.*--exit-when-idle.*must be a number of seconds.*$/),
    ]);
  });

  itAll('runs as an array of jobs of SLURM', async () => {
    await submit(8, 20);
    const bin = temporaryFolder();
    // What sbatch does with an array: the script, once per index, each with its numbers in the environment.
    const fake = `#!/bin/bash
indices=\${1#--array=}
for index in $(seq "\${indices%-*}" "\${indices#*-}"); do
  SLURM_JOB_ID=1 SLURM_ARRAY_TASK_ID=$index SLURM_CPUS_PER_TASK=1 bash "$2" &
  tasks+=($!)
done
for task in "\${tasks[@]}"; do wait "$task" || exit 1; done`;
    writeFileSync(join(bin, 'sbatch'), fake);
    chmodSync(join(bin, 'sbatch'), 0o755);
    const script = join(repository, 'deploy', 'slurm', 'unroll-workers.sbatch');
    const child = spawn(join(bin, 'sbatch'), ['--array=0-1', script], {
      env: commandEnvironment({
        ...environment,
        UNROLL_DATA: bin,
        WORKER_IDLE: '2s',
        WORKER_COMMAND: `${process.execPath} ${program}`,
      }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { code, stderr } = await ran(child);
    expect([code, stderr.match(/leaving: there were no trials/g)]).toEqual([0, Array(2).fill(expect.anything())]);
    expect(await last()).toMatchObject({ completed: 8, running: 0 });
  });
});
