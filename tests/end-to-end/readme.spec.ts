import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { commandEnvironment, program, ran, type Ran } from '../support/cli';
import { createDatabase } from '../support/database';
import { itWith } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';
import { startStack, type RunningStack } from '../support/stack';

interface Block {
  /** The bold words of the paragraph before it. */
  title: string;
  lines: string[];
}

/** The indented blocks of the README, in order. */
function readBlocks(): Block[] {
  const blocks: Block[] = [];
  let title = '';
  let open = false;
  for (const line of readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8').split('\n')) {
    title = /^\*\*(.+?)\.?\*\*/.exec(line)?.[1] ?? title;
    const isCode = line.startsWith('    ');
    if (isCode && !open) blocks.push({ title, lines: [] });
    if (isCode) blocks.at(-1)!.lines.push(line.slice(4));
    open = isCode;
  }
  return blocks;
}

/** Blocks that other specs run, or that need what a test machine may lack. */
const elsewhere: Record<string, string> = {
  'npm start': 'example-start.spec.ts starts it; npm test is this run',
  '$ npx unroll sweep submit sweep.yaml': 'an error, which commands.spec.ts shows',
  'npx unroll backup': 'adopted-stack.spec.ts saves a stack and restores it elsewhere',
  'npx unroll serve': 'it serves until it is stopped: models.spec.ts',
  'npx unroll verify --gpu 0': 'needs a GPU: packed-gpu.spec.ts',
};

const isCommand = ({ lines }: Block): boolean => /^(npx|npm|curl|\$) /.test(lines[0]!);
const blocks = readBlocks();
const commands = blocks.filter(
  (block) => isCommand(block) && !Object.keys(elsewhere).some((start) => block.lines[0]!.startsWith(start)),
);
const sweeps = blocks.filter((block) => !isCommand(block));

/** The commands of a block as a script: comments end lines, and indented lines continue the one before. */
const script = ({ lines }: Block): string[] =>
  lines.reduce<string[]>((all, line) => {
    if (/^\s/.test(line)) return [...all.slice(0, -1), `${all.at(-1)!.replace(/\\$/, '')} ${line.trim()}`];
    return [...all, line.replace(/\s{2,}#.*$/, '')];
  }, []);

const folder = temporaryFolder();
let stack: RunningStack;
/** The trial that ID stands for. */
let trained = '';
/** The sweep that ID stands for where it is archived. */
let archived = '';
/** A trial of another task than language modelling. */
let forecaster = '';

/** Runs a line in a shell, in the folder of a user, where npx is that of this repository. */
function shell(line: string): Promise<Ran> {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'npx'), `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, 'npx'), 0o755);
  const path = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  return ran(
    spawn('bash', ['-c', line], {
      cwd: folder,
      // What `login` stores stays in the folder.
      env: commandEnvironment({ PATH: path, XDG_CONFIG_HOME: join(folder, 'config') }),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

async function runs(line: string): Promise<string> {
  const { code, stdout, stderr } = await shell(line);
  if (code !== 0) throw new Error(`${line}\nended with ${code}: ${stderr}${stdout}`);
  return stdout;
}

const write = (name: string, content: string): void => writeFileSync(join(folder, name), content);

/** The sweep file as small as a test wants it; all else as it is. */
function shrink(changes: (sweep: any) => void): void {
  const sweep = parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8')) as object;
  changes(sweep);
  write('sweep.yaml', stringify(sweep));
}

const submit = async (file: string): Promise<string> =>
  (JSON.parse(await runs(`npx unroll sweep submit ${file} --json`)) as { id: string }).id;

const small = {
  dataset: { name: 'typescript-declarations', split: { validation: 4000, test: 4000 } },
  task: 'language-model',
  model: { cell: 'gru', hiddenSize: 8, embeddingSize: 4 },
  training: { bptt: 8, batchSize: 4, updates: 8, reportEvery: 4, learningRate: 1e-2 },
};

/** Trains a small sweep to its end; returns the id of its best trial. */
async function train(changes: object): Promise<string> {
  write('small.yaml', stringify({ ...small, ...changes }));
  const id = await submit('small.yaml');
  await runs(`npx unroll sweep watch ${id}`);
  const { best } = await stack.api(`/v1/sweeps/${id}`);
  return best.trialId as string;
}

/** A sweep on the data set that "View results" registers. */
const forecast = (lookback: number): object => ({
  dataset: 'sales',
  task: { kind: 'forecasting', target: 'sales', lookback, horizon: 1, season: 7 },
  model: { cell: 'gru', hiddenSize: 4 },
  training: { batchSize: 4, updates: 8, reportEvery: 4 },
});

/** A sweep that runs until it is cancelled. */
const endless = {
  ...small,
  model: { ...small.model, cell: { grid: ['rnn', 'lstm', 'gru'] } },
  training: { ...small.training, updates: 10_000_000, learningRate: { logUniform: [2e-2, 5e-2] } },
  search: { trials: 6 },
};

/** What a block finds when its reader comes to it. */
const before: Record<string, () => Promise<void> | void> = {
  'Train on your own text': () => write('diary.txt', 'To be, or not to be: that is the question. '.repeat(40)),
  'Stop trials early': async () =>
    void (trained = await train({ stopping: { rule: 'asha', minUpdates: 4 }, search: { trials: 3 } })),
  'View results': async () => {
    write('sales.csv', `day,sales\n${Array.from({ length: 60 }, (_, day) => `${day},${day % 7}`).join('\n')}\n`);
    await runs('npx unroll dataset add sales sales.csv --kind series');
    forecaster = await train(forecast(7));
    trained = await train({
      model: { ...small.model, cell: { grid: ['gru', 'lstm'] } },
      training: { ...small.training, learningRate: { logUniform: [1e-3, 1e-2] } },
      search: { trials: 4 },
    });
  },
  'Pause, resume, extend, edit, retry': async () => {
    write('endless.yaml', stringify(endless));
    await submit('endless.yaml');
  },
  'Find and describe sweeps': async () => {
    write('findings.md', 'Wider is better.');
    archived = (await stack.api<{ sweepId: string }>(`/v1/trials/${await train({})}`)).sweepId;
    await train({ search: { trials: 3 }, training: { ...small.training, learningRate: { logUniform: [1e-3, 1e-2] } } });
  },
  'Use a trained model': async () => {
    trained = await train({});
    for (const name of ['new.csv', 'history.csv', 'truth.csv'])
      write(name, readFileSync(join(folder, 'sales.csv'), 'utf8'));
  },
};

/** The trial that the edit of the search space withdrew: the one to retry. */
async function withdrawn(): Promise<string> {
  const { items } = await stack.api(`/v1/sweeps/last/trials?state=cancelled`);
  return items[0].id as string;
}

/** Lines that train for long, and what a run of minutes does instead. */
const shortened: Record<string, string> = {
  'npx unroll sweep submit --text diary.txt --watch':
    'npx unroll sweep submit --text diary.txt && npx unroll sweep cancel last',
};

/** What happens between two lines of the README. */
const after: Record<string, () => Promise<void> | void> = {
  'npx unroll init': () =>
    shrink((sweep) => {
      sweep.dataset = { name: 'typescript-declarations', split: { validation: 4000 } };
      sweep.model.hiddenSize = { choice: [4, 8] };
      sweep.model.embeddingSize = 4;
      Object.assign(sweep.training, { bptt: 8, batchSize: 4, updates: 8, reportEvery: 4 });
    }),
  'npx unroll trial retry': async () => void (await runs('npx unroll sweep cancel last')),
};

beforeAll(async () => {
  const environment = { DATABASE_URL: await createDatabase() };
  stack = await startStack(environment, join(folder, '.unroll'));
});
afterAll(async () => {
  stack.kill('SIGINT');
  expect((await stack.ended).code).toBe(0);
});

it('knows each block of the README', () => {
  for (const start of Object.keys(elsewhere))
    expect(blocks.some(({ lines }) => lines[0]!.startsWith(start))).toBe(true);
  const titles = blocks.map(({ title }) => title);
  for (const title of Object.keys(before)) expect(titles).toContain(title);
  for (const line of Object.keys(shortened)) expect(commands.flatMap(script)).toContain(line);
});

describe('the commands of the README work, in order', () => {
  it.each(commands.map((block) => [`${block.title}: ${block.lines[0]}`, block] as const))('%s', async (_, block) => {
    await before[block.title]?.();
    for (const line of script(block)) {
      const id = line.startsWith('npx unroll trial retry')
        ? await withdrawn()
        : /^npx unroll (predict|evaluate)/.test(line)
          ? forecaster
          : line.startsWith('npx unroll sweep archive')
            ? archived
            : trained;
      const here = (process.env.UNROLL_TEST_ALL ? line : (shortened[line] ?? line))
        .replaceAll(/\bID\b/g, id)
        .replace('http://127.0.0.1:4000', stack.url)
        .replace('npx unroll login https://unroll.example.org', `npx unroll login ${stack.url} < .unroll/key`);
      await runs(here);
      await Object.entries(after).find(([start]) => line.startsWith(start))?.[1]();
    }
  });
});

describe('the sweep files of the README are valid, each added to the last whole one', () => {
  let whole: Record<string, unknown> = {};

  it.each(sweeps.map((block) => [`${block.title}: ${block.lines[0]}`, block] as const))('%s', async (_, block) => {
    let text = block.lines.join('\n').replaceAll(/\bID\b/g, trained);
    if (text.includes('q7k2m9xa')) {
      const earlier = await train({ model: { cell: 'gru', hiddenSize: 64 } });
      const { sweepId } = await stack.api<{ sweepId: string }>(`/v1/trials/${earlier}`);
      text = text.replaceAll('q7k2m9xa', sweepId);
    }
    // Two lines may show two ways to write the same key.
    for (const part of text.split(/^(?=budget:)/m)) {
      const given = parse(part) as Record<string, unknown>;
      const base = block.title === 'Fine-tune' ? small : { ...whole, dataset: small.dataset };
      const sweep = 'dataset' in given ? given : { ...base, ...given };
      if ('dataset' in given) whole = given;
      write('block.yaml', stringify(sweep));
      const { trials } = JSON.parse(await runs('npx unroll sweep submit block.yaml --dry-run --json'));
      expect(trials).toBeGreaterThan(0);
    }
  });
});

it('a first sweep whose data init made up is registered and trained when it is submitted', async () => {
  await runs('mkdir first && npx unroll init multilabel-frames -o first/sweep.yaml');
  const dry = await shell('npx unroll sweep submit first/sweep.yaml --dry-run');
  expect(dry).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/dataset.path: a dry run registers no data, and .*pieces.json is not/),
  });
  const [, register] = /first run "(.*)"/.exec(dry.stderr)!;
  const submitted = JSON.parse(await runs('npx unroll sweep submit first/sweep.yaml --json')) as {
    spec: { dataset: { name: string } };
  };
  expect(register).toContain(`dataset add ${submitted.spec.dataset.name} `);
  expect(await runs('npx unroll sweep submit first/sweep.yaml --dry-run')).toContain('Valid: 6 configurations');
  // It may have ended by itself.
  await shell('npx unroll sweep cancel last');
});

it('a sweep whose every trial failed says why, and ends with exit code 1', async () => {
  write('failing.yaml', stringify({ ...forecast(1000), search: { seeds: [1, 2] } }));
  const { code, stderr } = await shell('npx unroll sweep submit failing.yaml --watch');
  expect(stderr).toMatch(/^unroll: the sweep failed: every trial failed; the first, [a-z0-9]{8}: .+$/m);
  expect(code).toBe(1);
  expect(await stack.api('/v1/sweeps/last')).toMatchObject({ state: 'failed' });
});

it('Ctrl-C in watch ends the command and says that the sweep goes on', async () => {
  write('endless.yaml', stringify(endless));
  const id = await submit('endless.yaml');
  const child = spawn(process.execPath, [program, 'sweep', 'watch', id], {
    cwd: folder,
    env: commandEnvironment({}),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.kill('SIGINT'));
  const { code, stderr } = await ran(child);
  expect(stderr).toContain(`Sweep ${id} goes on: "npx unroll sweep watch ${id}" follows it again`);
  expect(code).toBe(1);
  expect(await stack.api(`/v1/sweeps/${id}`)).toMatchObject({ state: 'running' });
  await runs(`npx unroll sweep cancel ${id}`);
});

describe('on a terminal', () => {
  /** Runs a command on a pseudo-terminal that types `answer`. */
  const typed = (answer: string, command: string): Promise<Ran> =>
    shell(`printf '${answer}\\n' | script -qec '${command}' /dev/null`);
  const hasTerminal = process.platform === 'linux' && existsSync('/usr/bin/script');

  itWith('terminal program', hasTerminal)('a command asks before it deletes; in a pipe it does not', async () => {
    const refused = await typed('n', 'npx unroll sweep delete last');
    expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining('nothing was deleted') });
    expect(refused.stdout).toMatch(/Delete sweep [a-z0-9]{8} \(.*\) with its \d+ trials and their models\? \[y\/N\]/);
    expect(await typed('y', 'npx unroll sweep delete last')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Deleted sweep'),
    });
    expect(await shell('npx unroll dataset delete sales')).toMatchObject({ code: 0, stderr: '' });
  });
});

it('--quiet leaves data and errors', async () => {
  write('quiet.yaml', stringify({ ...small, dataset: { path: 'diary.txt', kind: 'text' } }));
  const { stdout, stderr } = await shell('npx unroll train quiet.yaml --quiet');
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^completed.*: .*validation.bitsPerToken/);
  expect(await shell('npx unroll --quiet sweep show nothing')).toMatchObject({
    code: 2,
    stderr: 'unroll: no sweep nothing\n',
  });
});
