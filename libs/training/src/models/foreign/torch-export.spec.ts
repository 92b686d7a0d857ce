import { labelled, makeSpec, sums, trained, words } from '../../testing/models.fixture';
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
    expect(module).toContain(`target_shift = ${JSON.stringify(targetScaling!.shift)}\ntarget_scale = [`);
    expect(module).toMatch(/super\(\).__init__\(\)\n {8}self.recurrent = nn.RNN\(2, 12, nonlinearity="relu"/);
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
