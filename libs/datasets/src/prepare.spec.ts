import { trialSpec, validate } from '@unroll/contracts';
import { builtInFingerprint, builtIns } from './built-in';
import { fingerprint, fingerprintOf } from './fingerprint';
import { prepare } from './prepare';

const spec = validate(trialSpec, { dataset: { name: 'a', split: { validation: 0.5 } }, task: 'language-model' });
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('preparing a text', () => {
  it('holds out what the split says, and measures the baseline on it', () => {
    const { data, baseline } = prepare(bytes('abababab'), spec);
    expect([data.train.length, data.validation.length]).toEqual([4, 4]);
    expect(baseline.name).toBe('character bigram');
    const nats = -(2 * Math.log(2.1 / 2.2) + Math.log(1.1 / 1.2)) / 3;
    expect(baseline.metrics['validation.loss']).toBeCloseTo(nats, 12);
  });

  it('leaves out a byte order mark', () => {
    expect(prepare(bytes('\ufeffabab'), spec).data.vocabulary).toEqual(['a', 'b']);
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(() => prepare(Uint8Array.of(0x61, 0xff, 0xfe, 0x62), spec)).toThrow(
      'the text is not valid UTF-8: convert it, for example with iconv',
    );
  });
});

describe('a fingerprint', () => {
  it('depends on the kind and on every byte, not on how the bytes come', () => {
    expect(fingerprint('text', bytes('ab'))).toBe(fingerprintOf('text').update('a').update('b').digest('hex'));
    const others = [
      fingerprint('text', bytes('ab')),
      fingerprint('text', bytes('ba')),
      fingerprint('series', bytes('ab')),
      fingerprint('text', bytes('')),
    ];
    expect(new Set(others).size).toBe(4);
    expect(others[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe.each(builtIns.map((builtIn) => [builtIn.name, builtIn] as const))(
  'the built-in data set %s',
  (name, builtIn) => {
    it('has a name that a sweep may use, and content that a trial can learn from', () => {
      const trial = validate(trialSpec, { dataset: name, task: 'language-model' });
      const { data, baseline } = prepare(builtIn.read(), trial);
      expect(data.train.length).toBeGreaterThan(10_000);
      expect(baseline.metrics['validation.bitsPerToken']).toBeGreaterThan(0.5);
      expect(baseline.metrics['validation.bitsPerToken']).toBeLessThan(Math.log2(data.vocabulary.length));
    });

    it('has the fingerprint of its bytes', () => {
      expect(builtInFingerprint(builtIn)).toBe(fingerprint(builtIn.kind, builtIn.read()));
      expect(builtInFingerprint(builtIn)).toBe(builtInFingerprint(builtIn));
    });
  },
);
