import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStack, temporaryFolder } from '../support/cli';
import { createDatabase } from '../support/database';

const driver = process.env.VK_DRIVER_FILES;
const there = driver !== undefined && existsSync(driver);
const reason = there ? '' : ' (skipped: there is no SwiftShader, which comes with Debian’s package chromium)';

const sweep = {
  name: 'lost',
  dataset: 'times',
  task: 'language-model',
  model: { cell: 'rnn', hiddenSize: 8, embeddingSize: 4 },
  training: { bptt: 4, batchSize: 8, updates: 30, reportEvery: 15, learningRate: 0.01, diagnostics: false },
  search: { trials: 1 },
};

describe('a worker whose GPU is lost', () => {
  (there ? it : it.skip)(
    `fails the attempt with the reason, starts another trainer, and the trial is tried again${reason}`,
    async () => {
      const folder = temporaryFolder();
      const stack = await startStack(
        {
          ...{ DATABASE_URL: await createDatabase(), UNROLL_SLOTS: '1', UNROLL_GPU: 'software' },
          ...{ UNROLL_ENGINE: 'webgpu', LOST_GPU_ONCE: join(folder, 'lost') },
          NODE_OPTIONS: `--require ${join(__dirname, '..', 'support', 'lost-gpu.cjs')}`,
        },
        folder,
      );
      try {
        const key = readFileSync(join(folder, 'key'), 'utf8').trim();
        const api = async (path: string): Promise<any> =>
          (await fetch(stack.url + path, { headers: { authorization: `Bearer ${key}` } })).json();
        writeFileSync(join(folder, 'times.txt'), 'it was the best of times, it was the worst of times. '.repeat(6));
        await stack.unroll('dataset', 'add', 'times', join(folder, 'times.txt'), '--kind', 'text');
        writeFileSync(join(folder, 'sweep.json'), JSON.stringify(sweep));
        const { code, stderr } = await stack.unroll('sweep', 'submit', join(folder, 'sweep.json'), '--watch');
        expect([code, stderr]).toEqual([0, expect.any(String)]);
        const [trial] = (await api('/v1/sweeps/last/trials')).items;
        expect(trial).toMatchObject({ state: 'completed', engine: 'webgpu', updates: 30 });
        expect((await api(`/v1/trials/${trial.id}/attempts`)).items).toMatchObject([
          { state: 'failed', message: expect.stringMatching(/^the GPU was lost \(destroyed\)/) },
          { state: 'succeeded', message: null },
        ]);
      } finally {
        stack.kill('SIGINT');
        await stack.ended;
      }
    },
    300_000,
  );
});
