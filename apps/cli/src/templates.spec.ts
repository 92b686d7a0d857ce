import { idleOptions, parseDocument, sweepSpec, taskKinds, trialSpec, validate } from '@unroll/contracts';
import { builtIns, prepare } from '@unroll/datasets';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nameFiles } from './input/file-datasets';
import { sampleOf, writeSample } from './input/sample-data';
import { commentedSweep } from './templates';

interface Written {
  dataset: unknown;
  task: object;
  model: { cell: unknown };
  training: object;
}

/** Each option that is searched by its first choice, or the largest number of its range. */
const firstChoices = (options: object): object =>
  Object.fromEntries(
    Object.entries(options).map(([key, value]) => [
      key,
      (value as { choice?: unknown[] } | null)?.choice?.[0] ??
        (value as { uniform?: unknown[] } | null)?.uniform?.[1] ??
        value,
    ]),
  );

describe.each(taskKinds)('the first sweep of %s', (kind) => {
  const document = parseDocument(commentedSweep('http://localhost/sweep.json', kind)) as Written;

  it('is a sweep of that task with distributions, on data of a kind that the task supports', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'unroll-init-'));
    try {
      const sample = sampleOf(kind);
      if (sample !== undefined) {
        expect(document.dataset).toMatchObject({ path: sample });
        await writeSample(kind, folder);
      }
      const named = await nameFiles(document.dataset, join(folder, 'sweep.yaml'));
      const spec = validate(sweepSpec, { ...document, dataset: named.dataset });
      expect(spec).toMatchObject({ task: { kind }, search: { trials: 6 } });
      const model = {
        ...firstChoices(document.model),
        cell: document.model.cell === 'lstm' ? 'lstm' : 'gru',
      };
      const training = { ...document.training, learningRate: 0.01 };
      const trial = validate(trialSpec, { dataset: named.dataset, task: firstChoices(document.task), model, training });
      expect(idleOptions([trial])).toEqual([]);
      const source = builtIns.find(({ name }) => name === trial.dataset.name);
      const [file] = named.files;
      const read = source
        ? { kind: source.kind, bytes: source.read(trial.dataset) }
        : { kind: file!.kind, path: file!.path };
      expect(() => prepare(read, trial)).not.toThrow();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
