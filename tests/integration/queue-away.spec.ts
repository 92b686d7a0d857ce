import { useApi } from '../support/api';
import { useDatabase } from '../support/database';
import { describeWith } from '../support/machine';
import { useRedis } from '../support/redis';
import { hasRedis } from '../support/servers.cjs';
import { allowAnyState } from '../support/unguarded';
import { until } from '../support/until';

const sweep = {
  dataset: 'typescript-declarations',
  task: 'language-model',
  training: { learningRate: { logUniform: [1e-3, 1e-2] } },
  search: { trials: 4 },
};

describeWith('redis-server', hasRedis)('while Redis is away', () => {
  const dataSource = useDatabase();
  const redis = useRedis();
  const api = useApi(dataSource, () => ({ REDIS_URL: redis.url }));

  it('the scheduler still draws trials and ends sweeps, /readyz reports it, and the API shuts down', async () => {
    redis.kill();
    for (const name of ['first', 'second']) {
      const { id } = (await (await api.post('/v1/sweeps', { ...sweep, name })).json()) as any;
      await until(async () => ((await (await api.call(`/v1/sweeps/${id}`)).json()) as any).trials.pending === 4);
    }
    await allowAnyState(dataSource);
    await dataSource.query(`update trials set state = 'completed'`);
    await until(async () => {
      const { items } = (await (await api.call('/v1/sweeps')).json()) as any;
      return items.every(({ state }: any) => state === 'completed');
    });
    const ready = await api.call('/readyz');
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ detail: expect.stringMatching(/^the queue cannot be used: /) });
    await api.close();
  });
});
