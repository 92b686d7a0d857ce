import { tokensInMemory } from '@unroll/datasets';
import fc from 'fast-check';
import { contiguousStreams, windowArrays, windowCount } from './streams';

const cases = fc.record({
  length: fc.integer({ min: 2, max: 200 }),
  batch: fc.integer({ min: 1, max: 9 }),
  scored: fc.integer({ min: 1, max: 12 }),
  times: fc.integer({ min: 1, max: 4 }),
});
const counting = (length: number): Uint16Array => Uint16Array.from({ length }, (_, index) => index + 1);

describe('the windows of a text', () => {
  it('have every token but the first as a valid target exactly once a pass, whatever the sizes', () => {
    fc.assert(
      fc.property(cases, ({ length, batch, scored, times }) => {
        const streams = contiguousStreams(tokensInMemory(counting(length)), batch);
        const window = { scored, context: scored * (times - 1) };
        const seen: number[] = [];
        for (let index = 0; index < windowCount(streams, window); index++) {
          const { classes, valid, counts } = windowArrays(streams, window, [index]);
          classes.forEach((target, at) => valid[at] && seen.push(target));
          expect(counts[0]).toBe(valid.reduce((sum, each) => sum + each, 0));
          expect(counts[0]).toBeGreaterThan(0);
        }
        expect(seen.sort((a, b) => a - b)).toEqual([...counting(length)].slice(1));
      }),
    );
  });

  it('have as input the token before each target, and mask what lies before the beginning', () => {
    fc.assert(
      fc.property(cases, ({ length, batch, scored, times }) => {
        const streams = contiguousStreams(tokensInMemory(counting(length)), batch);
        const context = scored * (times - 1);
        for (let index = 0; index < windowCount(streams, { scored, context }); index++) {
          const { ids, classes, valid, steps } = windowArrays(streams, { scored, context }, [index]);
          valid.forEach((each, at) => each && expect(classes[at]).toBe(ids[at + context * batch]! + 1));
          const masked = Math.max(0, context - index * scored) * batch;
          if (masked === 0) expect(steps).toBeUndefined();
          else expect([...steps!].filter((step) => step === 0)).toHaveLength(masked);
        }
      }),
    );
  });

  it('of a lane do not depend on where the other lanes stand', () => {
    const streams = contiguousStreams(tokensInMemory(counting(50)), 3);
    const alone = windowArrays(streams, { scored: 4, context: 4 }, [2]);
    const among = windowArrays(streams, { scored: 4, context: 4 }, [0, 2]);
    expect(among.ids.slice(24)).toEqual(alone.ids);
    expect(among.classes.slice(12)).toEqual(alone.classes);
    expect(among.valid.slice(12)).toEqual(alone.valid);
    expect([...among.steps!.slice(24)]).toEqual(Array<number>(24).fill(1));
  });

  it('need two tokens', () => {
    expect(() => contiguousStreams(tokensInMemory(counting(1)), 4)).toThrow('a text needs at least two tokens');
  });
});
