import { encode, prepare } from '@unroll/datasets';
import { fromSafetensors, toSafetensors } from './safetensors';
import { modelFile, readModel } from './model-file';
import { chords, echoes, makeSpec, sums, trained, wave, waveText, wordRows, words } from '../testing/models.fixture';
import { Network } from './network';

const learning = { training: { updates: 60, reportEvery: 30, learningRate: 0.04 } };
const cases = [
  ['classification', words, { kind: 'classification' }],
  ['regression', sums, { kind: 'regression', pooling: 'mean' }],
  ['tagging', echoes, { kind: 'tagging' }],
  ['forecasting', wave, { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 }],
  ['multilabel-frames', chords, { kind: 'multilabel-frames' }],
] as const;

describe('the file of a model', () => {
  it.each(cases)('of %s restores what was trained: weights, reading and metrics', async (_, source, task) => {
    const { model, data, results, reports } = await trained(source, [makeSpec(task, learning)]);
    const read = readModel(modelFile(model));
    expect(read).toEqual(model);
    const kept = reports[0]!.find(({ update }) => update === results[0]!.weightsUpdate)!;
    expect(read.header).toMatchObject({ version: 1, update: kept.update, metrics: kept.metrics });
    // The data set read anew with what the file says is the one that was trained on.
    const again = prepare(source, { ...read.header.spec, reading: read.header.reading }).data;
    expect(again).toEqual(data);
    const network = new Network(read, again);
    const measured = await network.measure();
    for (const [name, value] of Object.entries(measured))
      expect(value).toBeCloseTo(kept.metrics[`validation.${name}`]!, 6);
    network.dispose();
  });

  it('of another version, without a header, or with an invalid one is refused in one line', async () => {
    const { model } = await trained(words, [makeSpec('classification')]);
    const { weights, metadata } = fromSafetensors(modelFile(model));
    const withHeader = (change: (header: any) => void): Uint8Array => {
      const header = JSON.parse(metadata.unroll!);
      change(header);
      return toSafetensors(weights, { unroll: JSON.stringify(header) });
    };
    expect(() => readModel(toSafetensors(weights))).toThrow('it holds only weights');
    expect(() => readModel(toSafetensors(weights, { unroll: '{' }))).toThrow(
      'its header cannot be read: it is not JSON',
    );
    expect(() => readModel(withHeader((header) => (header.version = 2)))).toThrow(
      'version: is 2, but this Unroll reads version 1: update Unroll',
    );
    expect(() => readModel(withHeader((header) => delete header.reading))).toThrow('reading: is missing');
  });

  it('that lacks weights is refused, naming them', async () => {
    const { model } = await trained(words, [makeSpec('classification')]);
    const { 'output.bias': _, ...weights } = model.weights;
    expect(() => new Network({ ...model, weights })).toThrow('the model has no weights output.bias');
  });
});

describe('a network', () => {
  it('answers with a class and its probability, in the order of its input', async () => {
    const { model } = await trained(words, [makeSpec('classification', learning)]);
    const rows = [...wordRows.slice(0, 5), { text: 'bx' }, { text: 'axyzxyzxyz' }];
    const input = { kind: 'labelled', bytes: Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n')) } as const;
    const { data, places } = encode(input, { ...model.header.spec, reading: model.header.reading });
    const network = new Network(model, data);
    const answers = (await network.answers()) as any[];
    expect(places[6]).toBe('line 7');
    expect(answers.map((answer) => answer.class)).toEqual(rows.map(({ text }) => (text.startsWith('a') ? 'A' : 'B')));
    for (const answer of answers) {
      expect(answer.probabilities.A + answer.probabilities.B).toBeCloseTo(1, 5);
      expect(answer.probability).toBe(answer.probabilities[answer.class]);
    }
    network.dispose();
  });

  it('answers with numbers in the unit of the data', async () => {
    const { model } = await trained(sums, [makeSpec('regression', learning)]);
    const frames = [
      [0.5, 0],
      [0.5, 1],
      [0.5, 0],
    ];
    const input = { kind: 'labelled', bytes: Buffer.from(JSON.stringify({ frames })) } as const;
    const { data } = encode(input, { ...model.header.spec, reading: model.header.reading });
    const network = new Network(model, data);
    const [answer] = (await network.answers()) as [{ value: number }];
    expect(Math.abs(answer.value - 650)).toBeLessThan(50);
    network.dispose();
  });

  it('forecasts the rows after the last, as it would the same rows of its own data', async () => {
    const task = { kind: 'forecasting', target: 'a', lookback: 8, horizon: 2 };
    const { model } = await trained(wave, [makeSpec(task, learning)]);
    const answersFor = async (rows: number): Promise<number[]> => {
      const input = { kind: 'series', bytes: Buffer.from(waveText(rows)) } as const;
      const { data } = encode(input, { ...model.header.spec, reading: model.header.reading });
      const network = new Network(model, data);
      const [answer] = (await network.answers()) as [{ forecasts: [{ values: number[] }] }];
      network.dispose();
      return answer.forecasts[0].values;
    };
    for (const rows of [8, 60, 149]) {
      const [next, after] = await answersFor(rows);
      expect(Math.abs(next! - (50 + 10 * Math.sin(rows / 3)))).toBeLessThan(2.5);
      expect(Math.abs(after! - (50 + 10 * Math.sin((rows + 1) / 3)))).toBeLessThan(2.5);
    }
  });

  it('tags each step, and predicts the frame after the last', async () => {
    const tags = await trained(echoes, [makeSpec('tagging', { training: { ...learning.training, updates: 100 } })]);
    const line = { kind: 'labelled', bytes: Buffer.from('p q r q\n') } as const;
    const tagger = new Network(
      tags.model,
      encode(line, { ...tags.model.header.spec, reading: tags.model.header.reading }).data,
    );
    expect(await tagger.answers()).toEqual([{ tags: ['-', 'p', 'q', 'r'] }]);
    tagger.dispose();

    const frames = await trained(chords, [makeSpec('multilabel-frames', learning)]);
    const played = { kind: 'frames', bytes: Buffer.from('[[[62]], [[62], [60, 64]]]') } as const;
    const { data } = encode(played, { ...frames.model.header.spec, reading: frames.model.header.reading });
    const network = new Network(frames.model, data);
    const answers = (await network.answers()) as { labels: { label: string }[] }[];
    expect(answers.map(({ labels }) => labels.map(({ label }) => label))).toEqual([['60', '64'], ['62']]);
    network.dispose();
  });
});
