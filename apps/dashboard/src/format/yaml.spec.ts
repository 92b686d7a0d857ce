import { parse } from 'yaml';
import { yaml } from './yaml';

const spec = {
  name: 'small',
  model: { cell: { grid: ['rnn', 'gru'] }, hiddenSize: { choice: [24, 32] }, layers: 1 },
  training: {
    optimizer: { choice: ['adam', { kind: 'sgd', momentum: { uniform: [0, 0.95] } }] },
    learningRate: { logUniform: [0.001, 0.1] },
  },
  stopping: { rule: 'asha', minUpdates: 75 },
  constraints: [],
};

describe('a specification as YAML', () => {
  it('writes distributions on one line and sections on several', () => {
    expect(yaml(spec)).toBe(`name: small
model:
  cell: {grid: [rnn, gru]}
  hiddenSize: {choice: [24, 32]}
  layers: 1
training:
  optimizer:
    choice:
      - adam
      - kind: sgd
        momentum: {uniform: [0, 0.95]}
  learningRate: {logUniform: [0.001, 0.1]}
stopping: {rule: asha, minUpdates: 75}
constraints: []
`);
  });

  it('parses back to the same value', () => {
    expect(parse(yaml(spec))).toEqual(spec);
  });
});
