import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { freePort } from '../support/servers.cjs';
import { withStack } from '../support/stack';
import { until } from '../support/until';

interface Span {
  name: string;
  service: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  attributes: { key: string; value: { stringValue?: string } }[];
  startTimeUnixNano: string;
  endTimeUnixNano: string;
}

/** An OTLP receiver, with the spans that it was sent. */
async function openReceiver(): Promise<{ url: string; spans: Span[]; server: Server }> {
  const spans: Span[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (data: Buffer) => (text += data.toString()));
    request.on('end', () => {
      for (const { resource, scopeSpans } of JSON.parse(text).resourceSpans) {
        const service = resource.attributes.find(({ key }: any) => key === 'service.name').value.stringValue;
        for (const scope of scopeSpans) spans.push(...scope.spans.map((span: Span) => ({ ...span, service })));
      }
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, server };
}

const sweep = {
  name: 'watched',
  dataset: { name: 'adding-problem', steps: 6, sequences: 60 },
  task: 'regression',
  model: { cell: 'lstm', hiddenSize: 8 },
  training: { batchSize: 4, updates: 20, reportEvery: 10, learningRate: { logUniform: [1e-4, 1e-2] } },
  search: { trials: 3 },
};

const textOf = async (url: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(url, { headers })).text();
/** The value of a metric in Prometheus' text format; NaN where it is not in it. */
const valueIn = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.split(' ')[1] ?? NaN,
  );

describe('a fleet that is watched', () => {
  it('tells Prometheus of its trials, and sends a trace from the submission of a sweep to its board', async () => {
    const { url: receiverUrl, spans, server } = await openReceiver();
    const port = await freePort();
    const key = 'correct-horse-battery-staple';
    const environment = {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiverUrl,
      OTEL_BSP_SCHEDULE_DELAY: '200',
      UNROLL_METRICS_PORT: String(port),
      UNROLL_KEY: key,
      UNROLL_ENGINE: 'cpu',
    };
    const worker = `http://127.0.0.1:${port}`;
    const carried = { authorization: `Bearer ${key}` };
    await withStack(environment, async (stack) => {
      const body = JSON.stringify(sweep);
      const headers = { ...carried, 'content-type': 'application/json' };
      const response = await fetch(`${stack.url}/v1/sweeps`, { method: 'POST', headers, body });
      const { id } = (await response.json()) as any;
      expect(response.status).toBe(201);
      const ended = async (): Promise<boolean> =>
        JSON.parse(await textOf(`${stack.url}/v1/sweeps/${id}`, carried)).state === 'completed';
      await until(ended, 120);

      const api = await textOf(`${stack.url}/metrics`, carried);
      expect(valueIn(api, 'unroll_trials_claimable')).toBe(0);
      expect(valueIn(api, 'unroll_leaders')).toBe(1);
      expect(valueIn(api, 'unroll_workers')).toBe(1);
      expect(valueIn(api, 'unroll_database_connections')).toBeGreaterThan(1);
      expect(api).toContain('nodejs_eventloop_lag_seconds');

      expect(await textOf(`${worker}/healthz`)).toBe('ok\n');
      expect((await fetch(`${worker}/metrics`)).status).toBe(401);
      // The worker counts a result once the database has told it of the commit, which others see before.
      let own = '';
      await until(async () => {
        own = await textOf(`${worker}/metrics`, carried);
        return (
          valueIn(own, 'unroll_worker_spool_batches') === 0 && own.includes('_trials_total{state="completed"} 3\n')
        );
      });
      expect(valueIn(own, 'unroll_worker_operation_seconds_count{operation="claim",outcome="ok"}')).toBeGreaterThan(0);

      await until(() => spans.filter(({ name }) => name === 'commit result').length === 3);
      await until(() => spans.some(({ name }) => name === 'submit sweep'));
    });
    server.close();
    server.closeAllConnections();

    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const of = (name: string): Span[] => spans.filter((span) => span.name === name);
    const [submitted] = of('submit sweep');
    expect([submitted!.service, submitted!.parentSpanId]).toEqual(['unroll-api', undefined]);
    for (const name of ['propose trials', 'claim trials', 'train trial'])
      expect([name, new Set(of(name).map(({ parentSpanId }) => parentSpanId))]).toEqual([
        name,
        new Set([submitted!.spanId]),
      ]);
    const trained = of('train trial');
    expect(trained).toHaveLength(3);
    expect(new Set(trained.map(({ service }) => service))).toEqual(new Set(['unroll-worker']));
    const parents = of('commit result').map(({ parentSpanId }) => parentSpanId);
    expect(new Set(parents)).toEqual(new Set(trained.map(({ spanId }) => spanId)));
    for (const { startTimeUnixNano: start, endTimeUnixNano: end } of trained)
      expect(BigInt(end) > BigInt(start) && BigInt(start) >= BigInt(submitted!.startTimeUnixNano)).toBe(true);
  });
});
