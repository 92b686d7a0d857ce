import { succeeds } from '../support/cli';
import { join } from 'node:path';
import { itWith, softwareGpu } from '../support/machine';
import { temporaryFolder } from '../support/servers.cjs';
import { withStack } from '../support/stack';

const sweep = {
  name: 'lost',
  dataset: 'times',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 },
  training: { bptt: 4, batchSize: 8, updates: 30, reportEvery: 15, learningRate: 0.01, diagnostics: false },
  search: { trials: 1 },
};

describe('a worker whose GPU is lost', () => {
  itWith('SwiftShader, a GPU in software', softwareGpu !== undefined)(
    'fails the attempt with the reason, starts another trainer, and retries the trial',
    async () => {
      const environment = {
        UNROLL_GPU: 'software',
        UNROLL_ENGINE: 'webgpu',
        LOST_GPU_ONCE: join(temporaryFolder(), 'lost'),
        NODE_OPTIONS: `--require ${join(__dirname, '..', 'support', 'lost-gpu.cjs')}`,
      };
      await withStack(environment, async ({ api, unroll, write }) => {
        const text = write('times.txt', 'it was the best of times, it was the worst of times. '.repeat(6));
        await succeeds(unroll('dataset', 'add', 'times', text, '--kind', 'text'));
        const { code, stderr } = await unroll('sweep', 'submit', write('sweep.json', JSON.stringify(sweep)), '--watch');
        expect([code, stderr]).toEqual([0, expect.any(String)]);
        const [trial] = (await api('/v1/sweeps/last/trials')).items;
        expect(trial).toMatchObject({ state: 'completed', engine: 'webgpu', updates: 30 });
        expect((await api(`/v1/trials/${trial.id}/attempts`)).items).toMatchObject([
          { state: 'failed', message: expect.stringMatching(/^the GPU was lost \(destroyed\)/) },
          { state: 'succeeded', message: null },
        ]);
      });
    },
    300_000,
  );
});
