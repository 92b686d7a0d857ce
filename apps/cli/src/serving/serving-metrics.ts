import type { RequestHandler } from 'express';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { clientGoneStatus } from './refused';

/** What Prometheus reads of a served model. */
export class ServingMetrics {
  private readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'unroll_serve_requests_total',
    help: 'Requests by route and status; 499 where the client left before the answer was complete.',
    labelNames: ['route', 'status'] as const,
    registers: [this.registry],
  });
  private readonly seconds = new Histogram({
    name: 'unroll_serve_request_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['route'] as const,
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10],
    registers: [this.registry],
  });
  private readonly inputs = new Histogram({
    name: 'unroll_serve_batch_inputs',
    help: 'Inputs of a pass over the network.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
    registers: [this.registry],
  });

  constructor(sessions: () => Promise<number>) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'unroll_serve_sessions',
      help: 'Open sessions.',
      registers: [this.registry],
      async collect() {
        this.set(await sessions());
      },
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  batch(inputs: number): void {
    this.inputs.observe(inputs);
  }

  /** Counts requests of known routes; paths of others are not labels. */
  readonly observe: RequestHandler = (request, response, next) => {
    const end = this.seconds.startTimer();
    response.on('close', () => {
      const { path } = (request.route as { path?: string } | undefined) ?? {};
      const route = path ?? 'other';
      this.requests.inc({ route, status: response.writableFinished ? response.statusCode : clientGoneStatus });
      end({ route });
    });
    next();
  };
}
