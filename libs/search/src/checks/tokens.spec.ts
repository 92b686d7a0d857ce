import { sweepSpec, validate } from '@unroll/contracts';
import { comparisonKey } from '../signature';
import { firstTrials } from '../proposals/proposals';
import { checkSweep } from './sweep';

const sweep = (task: object, changes: object = {}) =>
  validate(sweepSpec, {
    dataset: 'a',
    task: { kind: 'language-model', ...task },
    search: { trials: 20 },
    ...changes,
  });
const perCharacter = { objective: 'validation.bitsPerCharacter' };

describe('a sweep over the tokens of a text', () => {
  it.each([
    [
      { tokens: { choice: ['character', 'subword'] } },
      {},
      /^task.tokens: .* do not compare by validation.bitsPerToken/,
    ],
    [{ tokens: { choice: ['character', 'word'] } }, {}, /^task.tokens: .* is per token; give one value$/],
    [{ tokens: 'subword', vocabulary: { int: [300, 900] } }, {}, /^task.vocabulary: .* validation.bitsPerCharacter$/],
    [{ tokens: 'word', vocabulary: { choice: [50, 90] } }, { objective: 'validation.loss' }, /^task.vocabulary: /],
    [{ tokens: 'word' }, perCharacter, /^task.tokens: words are not all of a text/],
    [{ tokens: 'subword', vocabulary: 256 }, {}, /^task.vocabulary: subwords begin with the 256 bytes/],
    [{ tokens: 'character', vocabulary: { choice: [50, 90] } }, {}, /^task.vocabulary: is of words or subwords/],
    [
      { kind: 'sequence-to-sequence', tokens: { choice: ['character', 'subword'] } },
      {},
      /set objective to validation.bleu or validation.accuracy$/,
    ],
    [
      { kind: 'transcription', tokens: 'word', vocabulary: { choice: [50, 90] } },
      { objective: 'validation.loss' },
      /^task.vocabulary: .* validation.loss, which is less the fewer words are known; set objective to validation.accuracy$/,
    ],
  ])('is refused where it would compare what is per token: %j, %j', (task, changes, message) => {
    expect(() => checkSweep(sweep(task, changes))).toThrow(message);
  });

  it.each([
    [{ tokens: { choice: ['character', 'subword'] }, vocabulary: { int: [300, 900] } }, perCharacter],
    [{ tokens: 'subword', vocabulary: 300 }, {}],
    [{ kind: 'classification', tokens: 'character', vocabulary: 50 }, {}],
    [{ kind: 'classification', tokens: { choice: ['character', 'word', 'subword'] } }, {}],
    [{ kind: 'sequence-to-sequence', tokens: { choice: ['word', 'subword'] } }, { objective: 'validation.bleu' }],
    [{ kind: 'transcription', tokens: 'word', vocabulary: 50 }, { objective: 'validation.loss' }],
    [{ kind: 'transcription', tokens: { choice: ['character', 'subword'] } }, { objective: 'validation.loss' }],
  ])('is accepted where it compares what is not: %j, %j', (task, changes) => {
    expect(checkSweep(sweep(task, changes)).configurations).toBeGreaterThan(0);
  });

  it('has one board by bits per character, and one for each kind of tokens by bits per token', () => {
    const searched = sweep({ tokens: { grid: ['character', 'subword'] }, vocabulary: { choice: [300, 900] } });
    const keys = (metric: string) =>
      new Set(firstTrials(searched, 4).map(({ spec }) => comparisonKey(spec, 'print', { metric }))).size;
    expect(keys('validation.bitsPerCharacter')).toBe(1);
    expect(keys('validation.bitsPerToken')).toBe(4);
  });
});
