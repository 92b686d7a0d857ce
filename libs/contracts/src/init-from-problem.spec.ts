import { initFromProblem } from './init-from-problem';
import { trialSpec } from './trial-spec';
import { validate } from './validation';

const spec = (changes: { task?: object; model?: object; training?: object } = {}) =>
  validate(trialSpec, { dataset: 'a', ...changes, task: { kind: 'classification', ...changes.task } });

describe('a trial that starts from another', () => {
  it('fits if nothing that shapes its weights differs', () => {
    const other = spec({
      model: { dropout: 0.5 },
      training: { learningRate: 0.1, batchSize: 7, initFrom: { trial: 'abc' } },
    });
    expect(initFromProblem(other, spec())).toBeUndefined();
  });

  it('may have another task or pooling with a new head, but must read input in the same way', () => {
    const training = { initFrom: { trial: 'abc', replaceHead: true } };
    expect(initFromProblem(spec({ task: { kind: 'regression' }, training }), spec())).toBeUndefined();
    expect(initFromProblem(spec({ task: { pooling: 'mean' }, training }), spec())).toBeUndefined();
    expect(initFromProblem(spec({ task: { tokens: 'word' }, training }), spec())).toEqual({
      path: 'task.tokens',
      message: 'is "word", but the model that training.initFrom names has "character"',
    });
  });
});

describe('initialisation from a model', () => {
  it.each([
    [{ initFrom: {} }, 'training.initFrom: give trial, model for a file, or embedding for word vectors'],
    [
      { initFrom: { trial: 'a', model: 'b' } },
      'training.initFrom: give trial, model for a file, or embedding for word vectors',
    ],
    [{ initFrom: { trail: 'a' } }, 'training.initFrom.trail: unknown key; did you mean trial?'],
    [
      { initFrom: { trial: 'a', fingerprint: 'f'.repeat(64) } },
      'training.initFrom.fingerprint: has no effect without embedding',
    ],
    [
      { initFrom: { embedding: 'a', fingerprint: 'f' } },
      'training.initFrom.fingerprint: a fingerprint has 64 hexadecimal digits',
    ],
    [{ freeze: 'head' }, 'training.freeze: must be a list'],
    [{ adaptation: { kind: 'corel' } }, 'did you mean coral?'],
  ])('with %j is refused', (training, message) => {
    expect(() => spec({ training })).toThrow(message);
  });

  it('by word vectors needs a task that reads symbols', () => {
    const training = { initFrom: { embedding: 'glove' } };
    expect(spec({ training }).training.initFrom).toMatchObject({ embedding: 'glove' });
    expect(() => spec({ task: { kind: 'multilabel-frames' }, training })).toThrow(
      'training.initFrom.embedding: multilabel-frames reads numbers, which are not embedded; leave it out',
    );
  });

  it('supports domain adaptation for classification and regression only', () => {
    expect(() => spec({ task: { kind: 'tagging' }, training: { adaptation: {} } })).toThrow(
      'training.adaptation: is only for classification and regression',
    );
  });
});
