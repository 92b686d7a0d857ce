import { parseDocument, sweepSpec, taskKinds, trialSpec, validate } from '@unroll/contracts';
import { builtIns, prepare } from '@unroll/datasets';
import { commentedSweep } from './templates';

interface Written {
  dataset: string | { name: string };
  task: { kind: string };
  model: object;
  training: object;
}

describe.each(taskKinds)('the first sweep of %s', (kind) => {
  const document = parseDocument(commentedSweep('http://localhost/sweep.json', kind)) as Written;

  it('is a sweep of that task with distributions', () => {
    const named = JSON.parse(JSON.stringify(document).replaceAll('NAME', 'name')) as unknown;
    expect(validate(sweepSpec, named)).toMatchObject({ task: { kind }, search: { trials: 6 } });
  });

  it('names data of a kind that the task supports, or none', () => {
    if (document.dataset === 'NAME')
      return expect(commentedSweep('', kind)).toMatch(/unroll dataset add NAME (FILE|FOLDER)/);
    const model = { ...document.model, cell: 'gru', hiddenSize: 32 };
    const { dataset, task } = document;
    const training = { ...document.training, learningRate: 0.01 };
    const trial = validate(trialSpec, { dataset, task, model, training });
    const source = builtIns.find(({ name }) => name === trial.dataset.name)!;
    expect(() => prepare({ kind: source.kind, bytes: source.read(trial.dataset) }, trial)).not.toThrow();
  });
});
