import type { DatasetBytes } from '@unroll/datasets';
import { labelled, makeSpec, sums, trained, wave, waveText, words } from '../../testing/models.fixture';
import { fromSafetensors } from '../safetensors';
import { readForeignLayers } from './foreign-model';
import { exportTorch } from './torch-export';

const model = { cell: 'lstm', layers: 2, bidirectional: true };

describe('an export for PyTorch', () => {
  it('has exactly the weights of the modules that it names, and reads back as they were', async () => {
    const { model: own } = await trained(words, [makeSpec('classification', { model })]);
    const { file, module } = exportTorch(own);
    expect(fromSafetensors(file)).toEqual({ weights: own.weights, metadata: { format: 'pt' } });
    expect(module).toContain('self.recurrent = nn.LSTM(4, 12, num_layers=2, bidirectional=True, batch_first=True)\n');
    expect(module).toContain('self.output = nn.Linear(24, 2)\n');
    const layers = await readForeignLayers(file);
    expect(layers.weights.weight_ih_l1_reverse).toEqual(own.weights['recurrent.weight_ih_l1_reverse']);
  });

  it('has no embedding where the input is numbers', async () => {
    const { model: own } = await trained(sums, [
      makeSpec('regression', { model: { cell: 'rnn', nonlinearity: 'relu' } }),
    ]);
    const { module } = exportTorch(own);
    // Targets are 500 and more: without their scaling, an answer would be near 0.
    const { targetScaling } = own.header.reading;
    expect(module).toContain(
      `\ntarget_shift = torch.tensor(${JSON.stringify(targetScaling!.shift)})\ntarget_scale = torch.tensor([`,
    );
    expect(module).toMatch(/^import torch\nfrom torch import nn\n/);
    expect(module).toMatch(/super\(\).__init__\(\)\n {8}self.recurrent = nn.RNN\(2, 12, nonlinearity="relu"/);
  });

  it.each([
    [{}, 'y * target_scale + target_shift', ['input_shift', 'input_scale', 'target_scale', 'target_shift']],
    [{ reference: 'last' }, 'y * target_scale + last', ['input_shift', 'input_scale', 'target_scale']],
    [
      { transform: 'log' },
      'exp(y * target_scale + target_shift)',
      ['input_shift', 'input_scale', 'target_scale', 'target_shift'],
    ],
    [{ normalise: 'window' }, 'y * deviation + mean', ['input_shift', 'input_scale']],
    [
      { normalise: 'window', transform: 'log', reference: 'season', season: 7 },
      'exp(y * deviation + before)',
      ['input_shift', 'input_scale'],
    ],
  ])('says how a forecast with %j follows from its answers', async (options, formula, names) => {
    const task = { kind: 'forecasting', lookback: 8, horizon: 3, target: ['a', 'b'], ...options };
    const positive: DatasetBytes = { kind: 'series', bytes: Buffer.from(waveText(150).replaceAll(/,(?=\d$)/gm, ',1')) };
    const { model: own } = await trained(positive, [makeSpec(task)]);
    const { module } = exportTorch(own);
    expect(module).toContain(`# A forecast is ${formula}, for the 3 rows ahead of each target in turn.\n`);
    expect([...module.matchAll(/^(\w+) = torch/gm)].map(([, name]) => name)).toEqual(names);
    // Two targets of three rows each are six answers.
    expect(module).toContain('self.output = nn.Linear(12, 6)\n');
    const { scale } = own.header.reading.targetScaling!;
    if (names.includes('target_scale'))
      expect(module).toContain(`target_scale = torch.tensor(${JSON.stringify(scale)}).repeat_interleave(3)\n`);
  });

  it('has constants for each quantile, and none for the numbers of a distribution', async () => {
    const task = { kind: 'forecasting', lookback: 8, horizon: 3, target: 'a' };
    const { model: own } = await trained(wave, [makeSpec({ ...task, loss: { quantiles: [0.1, 0.5, 0.9] } })]);
    expect(exportTorch(own).module).toMatch(/target_scale = torch.tensor\(.*\).repeat_interleave\(3\).repeat\(3\)\n/);
    const { model: normal } = await trained(wave, [makeSpec({ ...task, loss: { distribution: 'normal' } })]);
    const { module } = exportTorch(normal);
    expect(module).toContain('# It answers numbers of a normal distribution');
    expect(module).not.toContain('target_scale');
  });

  it.each([
    [{ cell: 'min-gru' }, {}, 'PyTorch has no module for the cell min-gru'],
    [{ layerSizes: [8, 12] }, {}, 'the layers have different sizes'],
    [{ layers: 2, residual: true }, {}, 'model.residual adds outputs of layers'],
    [{ zoneout: 0.1 }, {}, 'model.zoneout takes means of states'],
    [{ learnedInitialState: true }, {}, 'the model has weights recurrent.initial_h_l0'],
    [{}, { pooling: 'attention' }, 'the model has weights attention.weight'],
  ])('is refused for %j, %j', async (change, task, message) => {
    const spec = makeSpec({ kind: 'classification', ...task }, { model: change, training: { updates: 1 } });
    const { model: own } = await trained(
      labelled([
        { text: 'a', label: 'A' },
        { text: 'b', label: 'B' },
        { text: 'aa', label: 'A' },
        { text: 'bb', label: 'B' },
        { text: 'ab', label: 'A' },
      ]),
      [spec],
    );
    expect(() => exportTorch(own)).toThrow(message);
  });
});
