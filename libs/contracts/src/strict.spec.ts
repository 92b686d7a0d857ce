import { nearest, suggestion } from './strict';

describe('the nearest word', () => {
  it('is found despite case, underscores and a few letters', () => {
    const keys = ['learningRate', 'batchSize', 'bptt'];
    expect(nearest('learning_rate', keys)).toBe('learningRate');
    expect(nearest('BATCHSIZE', keys)).toBe('batchSize');
    expect(nearest('learningrat', keys)).toBe('learningRate');
    expect(nearest('bpt', keys)).toBe('bptt');
    expect(nearest('ltsm', ['rnn', 'lstm', 'gru'])).toBe('lstm');
  });

  it('is none if every word is far', () => {
    expect(nearest('colour', ['learningRate', 'batchSize'])).toBeUndefined();
    expect(nearest('', ['rnn'])).toBeUndefined();
    expect(nearest('x', [])).toBeUndefined();
  });

  it('is suggested as a question, or not at all', () => {
    expect(suggestion('hiden_size', ['hiddenSize'])).toBe('; did you mean hiddenSize?');
    expect(suggestion('colour', ['hiddenSize'])).toBe('');
  });
});
