import { useApi } from '../support/api';
import { unroll } from '../support/cli';
import { useDatabase } from '../support/database';
import { countSweeps, letters } from '../support/sweeps';
import { until } from '../support/until';

const dataSource = useDatabase({ clear: true });
const api = useApi(dataSource);

describe('unroll sweep edit', () => {
  const run = (...args: string[]): ReturnType<typeof unroll> =>
    unroll(['sweep', ...args], { UNROLL_URL: api.url, UNROLL_KEY: api.key });

  it('changes the search space by --set, says what that did, and sweep show lists it', async () => {
    const { id } = (await (await api.post('/v1/sweeps', letters)).json()) as { id: string };
    const pending = async (): Promise<number> =>
      ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending;
    await until(async () => (await pending()) === 4);
    const rate = 'training.learningRate.uniform=[0.1,0.2]';
    expect(await run('edit', 'last', '--set', rate, '--set', 'training.clipNorm=2')).toMatchObject({
      code: 0,
      stdout:
        `Sweep ${id} searches the new space from configuration 4 on: training.learningRate, training.clipNorm.\n` +
        '4 pending trials outside of it were cancelled.\n',
    });
    await until(async () => (await pending()) === 4);
    expect((await run('edit', id, '--set', rate)).stdout).toBe(
      `Sweep ${id} is unchanged: it has these settings already.\n`,
    );
    expect((await run('show', id)).stdout).toMatch(
      /edited +\S+Z, from configuration 4 on: training\.learningRate, training\.clipNorm; 4 pending trials were cancelled/,
    );
    expect(await run('replay', id)).toMatchObject({ code: 0, stdout: '8 configurations: equal\n0 verdicts: equal\n' });
  });

  it('is refused with one line for a change that it may not make, or none', async () => {
    await api.post('/v1/sweeps', letters);
    expect(await run('edit', 'last', '--set', 'training.updates=7')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('training.updates: cannot change once a sweep has started'),
    });
    expect(await run('edit', 'last')).toMatchObject({ code: 2, stderr: expect.stringContaining('--set PATH=VALUE') });
    expect(await countSweeps(dataSource)).toBe(1);
  });
});
