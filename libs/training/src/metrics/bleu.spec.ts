import { metrics } from '@unroll/contracts';
import { bleu, tokens13a } from './bleu';

// Values of sacreBLEU 2.6.0, corpus_bleu(hypotheses, [references]).score.
const published: [string[], string[], number][] = [
  [['The cat sat on the mat, quietly.'], ['The cat sat on the mat quietly.'], 66.06328636027612],
  [
    ['The dog bit the man.', "It wasn't surprising.", 'The man had just bitten him.'],
    ['The dog bit the man.', 'It was not unexpected.', 'The man bit him first.'],
    45.06750632106114,
  ],
  [
    ['It costs $3,000.50 - or 5-10% &quot;more&quot;, e.g. well-known café…'],
    ['It cost $3,000.50 or 5-10% "more", e.g. a well-known café ...'],
    58.200378848897266,
  ],
  [['a b c d e f', 'x'], ['a b c d x f', 'y z'], 44.81526019296195],
  [['one two three four five six'], ['one three two five four six'], 12.703318703865376],
];

describe('BLEU', () => {
  it('is within its range, of which the most is that of equal texts', () => {
    const texts = ['one two three four five'];
    expect(metrics['validation.bleu'].range).toEqual([0, bleu(texts, texts)]);
  });

  it.each(published)('of %j for %j equals that of sacreBLEU', (hypotheses, references, score) => {
    expect(bleu(hypotheses, references)).toBeCloseTo(score, 10);
  });

  it('counts a token only as often as the reference has it, and an order without a match as half of the one before', () => {
    // 2 of 7 tokens; no run of 2, 3 or 4, so 1/2 of 6, 1/4 of 5 and 1/8 of 4; longer than the reference.
    const product = (2 / 7) * (1 / 2 / 6) * (1 / 4 / 5) * (1 / 8 / 4);
    const score = bleu(['the the the the the the the'], ['the cat is on the mat']);
    expect(score).toBeCloseTo(100 * product ** (1 / 4), 10);
  });

  it('penalises a corpus that is too short by exp(1 − reference length / length), and not one that is too long', () => {
    expect(bleu(['a b c d'], ['a b c d e'])).toBeCloseTo(100 * Math.exp(1 - 5 / 4), 10);
    expect(bleu(['a b c d e'], ['a b c d'])).toBeCloseTo(100 * ((4 / 5) * (3 / 4) * (2 / 3) * (1 / 2)) ** (1 / 4), 10);
  });

  it('adds counts over the corpus before it divides', () => {
    // 5 of 6 tokens, 3 of 4 runs of two, 2 of 2 of three, 1 of 1 of four.
    const score = bleu(['a b c d', 'e f'], ['a b c d', 'e g']);
    expect(score).toBeCloseTo(100 * ((5 / 6) * (3 / 4)) ** (1 / 4), 10);
  });

  it('is 100 for the references themselves, and 0 without a match, without words or with sentences below four tokens', () => {
    expect(bleu(['a b c d', 'e'], ['a b c d', 'e'])).toBeCloseTo(100, 10);
    expect(bleu(['nothing here at all'], ['some other words entirely'])).toBe(0);
    expect(bleu([''], ['a b'])).toBe(0);
    expect(bleu([], [])).toBe(0);
    expect(bleu(['the cat'], ['the cat'])).toBe(0);
  });

  it('refuses lists of different lengths', () => {
    expect(() => bleu(['a'], [])).toThrow('BLEU needs a reference for each of 1 sentences, not 0');
  });
});

describe('the tokens of 13a', () => {
  it.each([
    [
      "Hello,world.  (a/b) x=1;\tdon't U.S.A. .5 5. 3.14-2",
      "Hello , world . ( a / b ) x = 1 ; don't U . S . A . . 5 5 . 3.14 - 2",
    ],
    ['It costs $3,000.50 - or 5-10% well-known café…', 'It costs $ 3,000.50 - or 5 - 10 % well-known café…'],
    ['a-\nb <skipped>c\nd &amp;lt; 😀,b', 'ab c d < 😀 , b'],
    ['\u00a0x\u2003y\u3000', 'x y'],
  ])('of %j are those of sacreBLEU', (sentence, tokens) => {
    expect(tokens13a(sentence)).toEqual(tokens.split(' '));
  });
});
