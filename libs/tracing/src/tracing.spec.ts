import { traceOf, Tracing } from './tracing';

// What is sent is tested with a receiver in tests/end-to-end/watched.spec.ts.
describe('tracing', () => {
  it('gives every sweep a trace that follows from its id', () => {
    expect(traceOf('a')).toMatch(/^[0-9a-f]{32}$/);
    expect([traceOf('a') === traceOf('a'), traceOf('a') === traceOf('b')]).toEqual([true, false]);
  });

  it('records nothing without an address', async () => {
    const tracing = new Tracing('unroll-api', '1', {});
    tracing.submitted({ sweepId: 's', from: 0, to: 1 });
    await tracing.close();
    expect(tracing.isOn).toBe(false);
  });
});
