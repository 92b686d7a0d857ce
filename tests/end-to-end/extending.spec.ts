import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ran, type Ran } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';
import { followGuide, type GuideStep } from './extending/follow-guide';

const root = join(__dirname, '..', '..');

/** The sources, without what is built from them except the kernels. */
function copyOfProject(): string {
  const copy = temporaryFolder();
  for (const name of ['package.json', 'tsconfig.json', 'jest.config.mjs', '.swcrc', 'apps', 'libs', 'tests'])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

const run = (copy: string, program: string, ...args: string[]): Promise<Ran> =>
  ran(spawn(process.execPath, [join(root, 'node_modules', program), ...args], { cwd: copy, stdio: 'pipe' }));

describe('docs/extending.md', () => {
  let copy: string;
  let steps: GuideStep[];

  beforeAll(() => {
    copy = copyOfProject();
    steps = followGuide(readFileSync(join(root, 'docs', 'extending.md'), 'utf8'), copy);
    copyFileSync(join(root, 'tests/end-to-end/extending/extended.ts'), join(copy, 'libs/search/src/extended.spec.ts'));
  });

  it('adds each extension by one new file in every library concerned', () => {
    const filesOf = (section: string): string[] =>
      steps.filter((step) => step.section === section && step.isNew).map(({ path }) => path.split('/')[1]!);
    expect(
      Object.fromEntries([...new Set(steps.map(({ section }) => section))].map((each) => [each, filesOf(each)])),
    ).toEqual({
      'A cell': ['contracts', 'training'],
      'A task': ['contracts', 'training'],
      'A kind of data set': ['contracts', 'datasets'],
      'A sampler': ['contracts', 'search'],
      'A stopping rule': ['contracts', 'search'],
      'An optimizer': ['contracts', 'training'],
      'A metric': ['contracts'],
    });
  });

  it('leaves a project that compiles', async () => {
    const { code, stdout } = await run(copy, 'typescript-7/bin/tsc', '--noEmit', '--skipLibCheck');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  }, 300_000);

  it('gives extensions that are listed, documented, searched over and trained, and that pass what holds for all', async () => {
    const specs = [
      'libs/search/src/extended.spec.ts',
      'libs/contracts/src/definitions.spec.ts',
      'libs/datasets/src/readers',
      'libs/search/src/samplers/samplers.spec.ts',
      'libs/training/src/nn/cells',
    ];
    const about = 'extended|leaky-rnn|causal-tagging|halton|threshold|sign-sgd|events|is |name |offer ';
    const { code, stderr } = await run(
      copy,
      'jest/bin/jest.js',
      ...specs,
      '--selectProjects',
      'unit',
      '-w',
      '1',
      '-t',
      about,
    );
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  }, 300_000);
});
