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

  it('loads OpenTelemetry where there is an address, and only there', async () => {
    const isLoaded = (): boolean => Object.keys(require.cache).some((path) => path.includes('@opentelemetry'));
    await new Tracing('unroll-api', '1', {}).close();
    expect(isLoaded()).toBe(false);
    const tracing = new Tracing('unroll-api', '1', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
    expect([tracing.isOn, isLoaded()]).toEqual([true, true]);
    await tracing.close();
  });
});
