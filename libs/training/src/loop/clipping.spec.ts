import { makeSpec, trained, words } from '../testing/models.fixture';

/** What one update gives without clipping, and with these settings. */
async function both(training: object) {
  const specs = [{}, training].map((each) =>
    makeSpec('classification', { training: { updates: 1, reportEvery: 1, ...each } }),
  );
  const { results, reports } = await trained(words, specs);
  return results.map((result, lane) => ({ result, report: reports[lane]![0] }));
}

describe('a gradient that is clipped value by value', () => {
  it('is reported with its norm before that, in all and by group', async () => {
    const [whole, clipped] = await both({ clipValue: 1e-3 });
    const norm = whole!.report!.metrics['train.gradientNorm']!;
    expect(norm).toBeGreaterThan(0.1);
    expect(clipped!.report!.metrics['train.gradientNorm']).toBe(norm);
    expect(clipped!.report!.diagnostics!.gradientNorms).toEqual(whole!.report!.diagnostics!.gradientNorms);
    expect(clipped!.result.weights).not.toEqual(whole!.result.weights);
  });

  it('shows a divergence by that norm', async () => {
    const [, clipped] = await both({ clipValue: 1e-6, divergence: { norm: 1e-2 } });
    expect(clipped!.result).toMatchObject({ state: 'diverged', message: expect.stringContaining('is above 0.01') });
  });
});
