import { parentOf } from './completion';

describe('the keys above a line', () => {
  it('are those of lines that are indented less', () => {
    expect(parentOf(['dataset: a', 'training:', '  bptt: 64', '  optimizer:', '    kind: sgd', '    mom'])).toBe(
      'training.optimizer',
    );
    expect(parentOf(['training:', '  optimizer:', '    kind: sgd', '  lear'])).toBe('training');
  });

  it('are none at the left edge', () => expect(parentOf(['training:', '  bptt: 64', 'sear'])).toBe(''));
});
