import { locate, parsePath } from './locate';

const text = `name: a
training:
  learning_rate: 1e-3
  optimizer: {choice: [adam, {kind: sgd, momentum: 2}]}
`;
const marked = (path: string): string => {
  const { from, to } = locate(text, path);
  return text.slice(from, to);
};

it('an error path is parsed into keys', () => {
  expect(parsePath('training.optimizer.choice[1].momentum')).toEqual([
    'training',
    'optimizer',
    'choice',
    1,
    'momentum',
  ]);
  expect(parsePath('model."odd \\"key\\""')).toEqual(['model', 'odd "key"']);
  expect(parsePath('')).toEqual([]);
});

describe('an error', () => {
  it('is marked at its key', () => {
    expect(marked('training.learning_rate')).toBe('learning_rate');
    expect(marked('training.optimizer.choice[1].momentum')).toBe('momentum');
  });

  it('is marked at a list element', () => expect(marked('training.optimizer.choice[0]')).toBe('adam'));

  it('is marked at the nearest existing parent if its key is missing', () => {
    expect(marked('training.bptt.k1')).toBe('training');
    expect(marked('dataset')).toBe('name: a');
  });

  it('is marked in incomplete YAML and in an empty text', () => {
    expect(locate('a: [1, 2', 'a')).toEqual({ from: 0, to: 1 });
    expect(locate('', 'dataset')).toEqual({ from: 0, to: 0 });
  });
});
