import { labels, parseLabels } from './labels';
import { labelsText } from './labels-text';

describe('labels', () => {
  it('are read from one line, and written in a stable order', () => {
    expect(parseLabels('zone=b, gpu=a100')).toEqual({ gpu: 'a100', zone: 'b' });
    expect(labelsText({ zone: 'b', gpu: 'a100' })).toBe('gpu=a100,zone=b');
  });

  it.each(['gpu', 'gpu=', '=a100', 'gpu=a100,gpu=h100', 'gpu=a b', 'a=b=c', '', 'gpu=-x'])('are not %p', (given) => {
    expect(parseLabels(given)).toBeUndefined();
  });

  it('of a sweep may have a number as their value, and are at most 16', () => {
    expect(labels.parse({ memory: 80 })).toEqual({ memory: '80' });
    const many = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`l${index}`, 'x']));
    expect(labels.safeParse(many).error?.issues[0]?.message).toBe('must be at most 16 labels');
  });
});
