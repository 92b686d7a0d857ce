import { namedClassWeights } from './class-weights';

describe('weights of classes by name', () => {
  it.each([
    [{ True: 5 }, ['false', 'true'], [1, 5]],
    [{ '1.0': 5, '2.50': 3 }, ['1', '2.5', '3'], [5, 3, 1]],
    // A model of an earlier version learned them as they were written.
    [{ '1': 5, true: 3 }, ['1.0', '2.0'], undefined],
    [{ '1': 5 }, ['1.0', '2.0'], [5, 1]],
    [{ '1.0': 5 }, ['1', '1.0'], [1, 5]],
    [{ spam: 5 }, ['ham', 'spam'], [1, 5]],
    // Names, whose case counts.
    [{ TRUE: 5 }, ['true', 'unclear'], undefined],
  ])('are those of labels in any writing: %j of %j', (given, classes, weights) => {
    if (weights) expect([...namedClassWeights(given as Record<string, number>, classes)]).toEqual(weights);
    else expect(() => namedClassWeights(given as Record<string, number>, classes)).toThrow('the data have no class');
  });

  it('are refused for two names of one class', () => {
    expect(() => namedClassWeights({ True: 5, true: 3 }, ['false', 'true'])).toThrow(
      'training.classWeights: "True" and "true" are the same class: leave one out',
    );
  });
});
