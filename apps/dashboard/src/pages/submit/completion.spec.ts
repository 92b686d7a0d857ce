import { parentPath } from './completion';

describe('the parent path of a line', () => {
  it('follows less indented lines', () => {
    expect(parentPath(['dataset: a', 'training:', '  bptt: 64', '  optimizer:', '    kind: sgd', '    mom'])).toBe(
      'training.optimizer',
    );
    expect(parentPath(['training:', '  optimizer:', '    kind: sgd', '  lear'])).toBe('training');
  });

  it('is empty at the top level', () => expect(parentPath(['training:', '  bptt: 64', 'sear'])).toBe(''));
});
