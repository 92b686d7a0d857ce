// Benchmarks are plain JavaScript that calls the compiled libraries by name. Each runs here at its smallest size, so that none is left
// behind by a change; those that take longer than a few seconds, only with UNROLL_TEST_ALL=1.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandEnvironment, ran } from '../support/cli';
import { temporaryFolder } from '../support/servers.cjs';

const program = join(__dirname, '..', 'benchmarks', 'run.mjs');
const runBenchmark = (...args: string[]) =>
  ran(spawn(process.execPath, [program, ...args], { stdio: 'pipe', env: commandEnvironment({}) }));

/** A folder with a table of two hyperparameters, whose losses fall to the same curve from different heights. Some diverge. */
function folderWithTable(): string {
  const folder = temporaryFolder();
  const configurations = Array.from({ length: 60 }, (_, index) => {
    const hp = { learning_rate: 10 ** (-5 + 4 * ((index * 0.618) % 1)), beta: 0.5 + 0.49 * ((index * 0.414) % 1) };
    const last = Math.abs(Math.log10(hp.learning_rate) + 2.5) + hp.beta;
    const valid = Array.from({ length: 12 }, (__, point) =>
      index % 17 === 3 && point > 5 ? null : last + 2 / (1 + point),
    );
    return { hp, valid };
  });
  writeFileSync(join(folder, 'toy.json'), JSON.stringify({ task: 'toy', configurations }));
  return folder;
}

/** The first columns of a Markdown table's rows. */
const rowsOf = (text: string): string[] =>
  [...text.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, first]) => first!).filter((first) => !/^-+$/.test(first));

describe('a benchmark', () => {
  it('runs samplers and stopping rules on tables', async () => {
    const samplers = ['random', 'tpe', 'gaussian-process'];
    const rules = ['none', 'asha', 'freeze-thaw'];
    const options = ['--seeds', '1', '--trials', '4', '--samplers', samplers.join(), '--rules', rules.join()];
    const { code, stdout } = await runBenchmark('search-tables', folderWithTable(), ...options);
    expect(code).toBe(0);
    expect(rowsOf(stdout)).toEqual([
      'sampler, rule',
      ...samplers.flatMap((sampler) => rules.map((rule) => `${sampler}, ${rule}`)),
    ]);
  });

  it('compares samplers on known functions', async () => {
    const { code, stdout } = await runBenchmark('search-quality', '8', '1');
    expect(code).toBe(0);
    expect(stdout).toMatch(/\| tuning \| tpe \| [\d.]+ \|/);
  });

  it.each([
    [['metrics', 'ten'], 'bench metrics: seconds: expected a whole number above 0, found "ten"'],
    [['search-quality', '8', '1', '2'], 'bench search-quality: "2" is one too many after trials, seeds'],
    [['training', '1', 'lsmt'], 'bench training: "lsmt" is none of the cells rnn, lstm, gru'],
    [['training', '1', 'gru', '32,64'], 'bench training: "32,64": a size is batch,steps,hidden, such as 32,64,128'],
  ])('refuses %j in one line', async (args, line) => {
    const { code, stdout, stderr } = await runBenchmark(...args);
    expect([code, stdout, stderr.startsWith(line), stderr.trim().split('\n').length]).toEqual([1, '', true, 1]);
  });

  it('times lanes', async () => {
    const options = ['--engine', 'native', '--lanes', '1,2', '--rounds', '1', '--updates', '2', '--size', '4,4,4'];
    const { code, stdout } = await runBenchmark('lanes', ...options, '--only', 'scaling');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ +2 +[\d.]+ /m);
  });

  it('simulates a week of shares, which come to what the weights give', async () => {
    const picture = join(temporaryFolder(), 'week.svg');
    const { code, stdout } = await runBenchmark('shares', '--week', picture);
    expect(code).toBe(0);
    expect(readFileSync(picture, 'utf8')).toMatch(/^<svg .*speech, weight 4/s);
    const rows = [...stdout.matchAll(/^\| \w+ \| \d \| ([\d.]+) % \| ([\d.]+) %/gm)];
    expect(rows).toHaveLength(4);
    for (const [, due, late] of rows) expect(Math.abs(Number(due) - Number(late))).toBeLessThan(2);
  });

  it('says which benchmarks there are', async () => {
    const { code, stderr } = await runBenchmark('no-such');
    expect(code).toBe(2);
    expect(stderr).toMatch(/where NAME is one of: .*search-tables/);
  });
});

// Without leaderboard, which needs more trials than a test has time to insert.
const slow = process.env.UNROLL_TEST_ALL ? describe : describe.skip;
slow('a benchmark of the whole product', () => {
  it.each([
    ['orchestration', ['20']],
    ['metrics', []],
    ['reliability', []],
    ['shares', ['2000', '2']],
    ['fleet', ['2', '--seconds', '4', '--trial', '2']],
    ['search', ['100', '0']],
    ['training', ['1', 'rnn']],
    ['serve', ['1', 'gru', '8']],
  ])(
    '%s runs',
    async (name, args) => {
      const { code, stderr } = await runBenchmark(name, ...args);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    },
    300_000,
  );
});
