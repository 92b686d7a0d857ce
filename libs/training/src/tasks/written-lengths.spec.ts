import { score, toReading, type DatasetBytes, type ExampleData } from '@unroll/datasets';
import { Network } from '../models/network';
import { makeSpec, many, trained } from '../testing/models.fixture';

const pairs = (lines: readonly string[]): DatasetBytes => ({ kind: 'pairs', bytes: Buffer.from(lines.join('\n')) });

describe('what a decoder writes', () => {
  it('is measured the same whatever is beside it, and where the right answers are not known', async () => {
    const source = many(60, (index) => {
      const text = 'abcdef'.repeat(5).slice(index % 6, (index % 6) + 1 + ((index * 7) % 24));
      return `${text}\t${text.toUpperCase()}`;
    });
    // So few updates that it does not end what it writes.
    const spec = makeSpec('sequence-to-sequence', { training: { batchSize: 4, updates: 3, reportEvery: 3 } });
    const { model, data, reports } = await trained(pairs(source), [spec]);
    const { validation, inputVocabulary = [] } = data as ExampleData;
    const { inputs } = validation as { inputs: { offsets: Int32Array; ids: Uint16Array } };
    const held = many(validation.count, (index) => {
      const [from, to] = [inputs.offsets[index], inputs.offsets[index + 1]];
      const text = Array.from(inputs.ids.subarray(from, to), (id) => inputVocabulary[id]).join('');
      return `${text}\t${text.toUpperCase()}`;
    });
    const wide = { ...spec, training: { ...spec.training, batchSize: 64 } };
    const own = { dataset: spec.dataset, task: spec.task, reading: toReading(data) };
    const network = new Network({ ...model, header: { ...model.header, spec: wide } }, score(pairs(held), own).data);
    const { editDistance } = await network.measure();
    network.dispose();
    expect(editDistance).toBeGreaterThan(0.9);
    expect(reports[0]!.at(-1)!.metrics['validation.editDistance']).toBe(editDistance);
  });
});
