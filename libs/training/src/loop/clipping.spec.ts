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

  it('diverges by the norm of what the update uses, not by what was clipped away', async () => {
    const [whole, clipped] = await both({ clipValue: 1e-6, divergence: { norm: 1e-2 } });
    expect(clipped!.result).toMatchObject({ state: 'completed' });
    expect(clipped!.report!.metrics['train.gradientNorm']).toBe(whole!.report!.metrics['train.gradientNorm']);
    const [, above] = await both({ clipValue: 1e-3, divergence: { norm: 1e-4 } });
    expect(above!.result).toMatchObject({ state: 'diverged', message: expect.stringContaining('is above 0.0001') });
  });
});
