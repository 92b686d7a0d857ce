import { trialSpec, validate } from '@unroll/contracts';
import { prepare, type DatasetBytes } from '@unroll/datasets';
import { openFastest } from '../testing/for-each-engine';
import type { LaneReport } from './lane-request';
import { train } from './train';

const text: DatasetBytes = { kind: 'text', bytes: Buffer.from('the cat sat on the mat. '.repeat(60)) };

it.each(['tanh', 'relu'] as const)(
  'a feed-forward network with %s trains without weights between steps',
  async (nonlinearity) => {
    const engine = await openFastest();
    const spec = validate(trialSpec, {
      dataset: 'a',
      task: 'language-model',
      model: { cell: 'feed-forward', nonlinearity, hiddenSize: 12, embeddingSize: 6, layers: 2 },
      training: { updates: 40, reportEvery: 20, bptt: 8, batchSize: 4, learningRate: 0.02 },
    });
    expect(spec.training.stateful).toBe(false);
    const reports: LaneReport[] = [];
    const [result] = await train([{ id: 'a', spec }], prepare(text, spec).data, {
      engine,
      sampleLength: 0,
      onReport: (report) => void reports.push(report),
    });
    expect(result!.state).toBe('completed');
    expect(Object.keys(result!.weights!).filter((name) => name.includes('recurrent.'))).toEqual([
      'recurrent.weight_ih_l0',
      'recurrent.bias_ih_l0',
      'recurrent.weight_ih_l1',
      'recurrent.bias_ih_l1',
    ]);
    const losses = reports.map(({ metrics }) => metrics['validation.loss']!);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  },
);
