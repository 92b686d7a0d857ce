import { taskKinds } from '@unroll/contracts';
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { someOf } from '../../libs/training/src/testing/some-of';
import { unroll } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';
import { startStack, type RunningStack } from '../support/stack';

const root = join(__dirname, '..', '..');
const examples = join(root, 'examples');

/** What the README of an example tells its reader: the commands, and the figure that the trial reaches. */
function readExample(name: string) {
  const text = readFileSync(join(examples, name, 'README.md'), 'utf8');
  const commands = [...text.matchAll(/^ {4}npx unroll (.*)$/gm)].map(([, command]) => command!.split(' '));
  const [, metric, sign, bound] = /^Expected: `([a-zA-Z.]+)` ([≤≥]) ([\d.]+)\. /m.exec(text)!;
  const of = (...words: string[]): string[][] =>
    commands.filter((command) => words.every((word, index) => command[index] === word));
  return {
    metric: metric!,
    sign: sign === '≤' ? 1 : -1,
    bound: Number(bound),
    train: of('train'),
    register: of('dataset', 'add'),
    submit: of('sweep', 'submit').filter(([, , file]) => file!.startsWith('examples/')),
  };
}

/** Files below a folder, by their paths in it. */
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/** Where generate.mjs writes everything anew. */
const generated = temporaryFolder();
const recordings = join('transcription', 'recordings');

beforeAll(() => {
  execFileSync(process.execPath, [join(examples, 'generate.mjs'), generated]);
  // They are not in the repository.
  cpSync(join(generated, recordings), join(examples, recordings), { recursive: true });
});

it('there is an example for each task, and the index lists it', () => {
  const folders = readdirSync(examples, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).toSorted()).toEqual([...taskKinds].toSorted());
  const index = readFileSync(join(examples, 'README.md'), 'utf8');
  for (const name of taskKinds) {
    const { metric, sign, bound } = readExample(name);
    const row = index.split('\n').find((line) => line.includes(`](${name}/README.md)`));
    expect(row).toContain(`\`${metric}\` ${sign === 1 ? '≤' : '≥'} ${bound} `);
  }
});

it('the data in the repository are those that generate.mjs writes', () => {
  const files = filesIn(generated).filter((file) => !file.startsWith(recordings));
  expect(files.toSorted()).toEqual([
    'multilabel-frames/pieces.json',
    'sequence-from-vector/weather.jsonl',
    'tagging/appointments.jsonl',
    'tree-classification/opinions.txt',
  ]);
  for (const file of files)
    expect(readFileSync(join(examples, file), 'utf8')).toBe(readFileSync(join(generated, file), 'utf8'));
});

describe('the trial reaches the figure in the README', () => {
  it.each(someOf(taskKinds, 4))(
    'of %s',
    async (name) => {
      const { train, metric, sign, bound } = readExample(name);
      expect(train).toHaveLength(1);
      const { code, stdout, stderr } = await unroll([...train[0]!, '--json'], {}, root);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      const { metrics } = JSON.parse(stdout.trim().split('\n').at(-1)!) as { metrics: Record<string, number> };
      expect(sign * metrics[metric]!).toBeLessThanOrEqual(sign * bound);
    },
    240_000,
  );
});

describe('a stack accepts the sweep', () => {
  let stack: RunningStack;
  beforeAll(async () => void (stack = await startStack({}, temporaryFolder(), ['--workers', '0'])));
  afterAll(async () => {
    stack.kill('SIGINT');
    expect((await stack.ended).code).toBe(0);
  });

  /** What a dry run of a sweep file answers: over REST, since a command for each would take a second more. */
  async function plan(file: string): Promise<{ status: number; trials?: number }> {
    const response = await fetch(`${stack.url}/v1/sweeps?dryRun=true`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${readFileSync(join(stack.folder, 'key'), 'utf8').trim()}`,
        'content-type': 'application/yaml',
      },
      body: readFileSync(join(root, file)),
    });
    return { ...((await response.json()) as object), status: response.status };
  }

  it.each(someOf([...taskKinds].reverse(), 4))('of %s', async (name) => {
    const { register, submit } = readExample(name);
    for (const command of register)
      expect(await unroll(command, { UNROLL_DATA: stack.folder }, root)).toMatchObject({ code: 0, stderr: '' });
    expect(submit).toHaveLength(1);
    const [, , file] = submit[0]!;
    const answer = await plan(file!);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.trials).toBeGreaterThan(1);
  });
});
