import { keysOf, locate } from './locate';

const text = `name: a
training:
  learning_rate: 1e-3
  optimizer: {choice: [adam, {kind: sgd, momentum: 2}]}
`;
const marked = (path: string): string => {
  const { from, to } = locate(text, path);
  return text.slice(from, to);
};

it('a path is read as the contract writes it', () => {
  expect(keysOf('training.optimizer.choice[1].momentum')).toEqual(['training', 'optimizer', 'choice', 1, 'momentum']);
  expect(keysOf('model."odd \\"key\\""')).toEqual(['model', 'odd "key"']);
  expect(keysOf('')).toEqual([]);
});

describe('what the contract names', () => {
  it('is marked at its key', () => {
    expect(marked('training.learning_rate')).toBe('learning_rate');
    expect(marked('training.optimizer.choice[1].momentum')).toBe('momentum');
  });

  it('is marked as an entry of a list', () => expect(marked('training.optimizer.choice[0]')).toBe('adam'));

  it('is marked at the nearest key that is written, where it is missing', () => {
    expect(marked('training.bptt.k1')).toBe('training');
    expect(marked('dataset')).toBe('name: a');
  });

  it('is marked in a text that is not whole YAML, and in an empty one', () => {
    expect(locate('a: [1, 2', 'a')).toEqual({ from: 0, to: 1 });
    expect(locate('', 'dataset')).toEqual({ from: 0, to: 0 });
  });
});
