import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStudy } from './read-study';

const folder = mkdtempSync(join(tmpdir(), 'unroll-ray-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an experiment of Ray Tune that was broken off', () => {
  it('has the last report of each iteration, and no trials that failed or had not ended', async () => {
    const trials = ['ended', 'failed', 'running'];
    for (const name of trials) {
      mkdirSync(join(folder, 'broken', name), { recursive: true });
      writeFileSync(join(folder, 'broken', name, 'params.json'), `{"lr": 0.${name.length}}`);
      // The third report was lost with the process, and reported again from a checkpoint.
      const rows = [1, 2, 3, 3, 4].map(
        (iteration, index) => `{"eval": {"loss": ${index}}, "training_iteration": ${iteration}}`,
      );
      writeFileSync(join(folder, 'broken', name, 'result.json'), rows.join('\n'));
    }
    const status = { ended: 'TERMINATED', failed: 'ERROR', running: 'RUNNING' } as const;
    const state = Object.entries(status).map(([name, own]) => [
      JSON.stringify({ status: own, relative_logdir: name }),
      '{}',
    ]);
    writeFileSync(
      join(folder, 'broken', 'experiment_state-2026-11-30_18-28-57.json'),
      JSON.stringify({ trial_data: state }),
    );
    const options = { metric: 'eval/loss', goal: 'minimize' } as const;
    const { study: found } = await readStudy(join(folder, 'broken'), options);
    expect(found.trials).toEqual([{ parameters: { lr: 0.5 }, outcome: { curve: [0, 1, 3, 4] } }]);
    expect(found.spec.steps).toBe(4);
    expect(found.notes.at(-1)).toContain('2 of 3 trials are left out: they failed, had not ended');
    await expect(readStudy(join(folder, 'broken'), { metric: 'loss' })).rejects.toThrow('name one of eval/loss');
  });

  it('is read without a last line that was half written, and refused by file and line for another', async () => {
    const options = { metric: 'loss', goal: 'minimize' } as const;
    for (const [name, lines] of [
      ['cut', ['{"loss": 2}', '{"loss": 1, "date": "20']],
      ['mixed', ['{"loss": 2}', '{"loss": 1, "date": "20', '{"loss": 3}', '']],
    ] as const) {
      mkdirSync(join(folder, name, 'a'), { recursive: true });
      writeFileSync(join(folder, name, 'a', 'params.json'), '{"lr": 0.5}');
      writeFileSync(join(folder, name, 'a', 'result.json'), lines.join('\n'));
    }
    const { study: found } = await readStudy(join(folder, 'cut'), options);
    expect(found.trials).toEqual([{ parameters: { lr: 0.5 }, outcome: { curve: [2] } }]);
    await expect(readStudy(join(folder, 'mixed'), options)).rejects.toThrow(
      `${join(folder, 'mixed', 'a', 'result.json')}, line 2: is not valid JSON (`,
    );
    writeFileSync(join(folder, 'cut', 'a', 'params.json'), '{"lr": 0.');
    await expect(readStudy(join(folder, 'cut'), options)).rejects.toThrow('params.json: is not valid JSON (');
  });
});
