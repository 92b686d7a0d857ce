import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Tracer,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';
import { createHash } from 'node:crypto';

/** Part of what happens to a sweep, from its submission to the board. */
export interface Part {
  sweepId: string;
  /** What it belongs to: an attempt of the sweep, or the sweep itself. */
  attemptId?: string | undefined;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  attributes?: Attributes;
  /** Why it did not succeed. */
  error?: string | undefined;
}

const digest = (text: string, bytes: number): string =>
  createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, 2 * bytes);

/** The trace of a sweep: a function of its id, so that every process adds to it, whenever it comes to the sweep. */
export const traceOf = (sweepId: string): string => digest(`sweep ${sweepId}`, 16);
/** The span of a sweep's submission, or of an attempt, which others are part of. */
const spanOf = (id: string): string => digest(`span ${id}`, 8);

/** Random ids, except for spans that others are part of: their ids follow from what they are about. */
class KnownIds extends RandomIdGenerator {
  next: { traceId: string; spanId: string } | undefined;
  override readonly generateTraceId = (): string => this.next?.traceId ?? random.generateTraceId();
  override readonly generateSpanId = (): string => this.next?.spanId ?? random.generateSpanId();
}
const random = new RandomIdGenerator();

/**
 * Spans of what happens to sweeps, sent to an OTLP receiver over HTTP. Environment (OpenTelemetry's own): OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT says where to, OTEL_EXPORTER_OTLP_HEADERS with which headers. Without an address nothing is recorded.
 */
export class Tracing {
  private readonly ids = new KnownIds();
  private readonly provider: TracerProvider | undefined;
  private readonly tracer: Tracer | undefined;

  /** `service`: the process, such as `unroll-api`, unless OTEL_SERVICE_NAME names it. */
  constructor(service: string, version: string, environment: NodeJS.ProcessEnv = process.env) {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: one, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other } = environment;
    if (!one && !other) return;
    const name = environment.OTEL_SERVICE_NAME ?? service;
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': name, 'service.version': version }),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
      idGenerator: this.ids,
    });
    this.tracer = this.provider.getTracer('unroll', version);
  }

  get isOn(): boolean {
    return this.tracer !== undefined;
  }

  /** The submission of a sweep: the root of its trace. */
  submitted(part: Part): void {
    this.record('submit sweep', part, { kind: SpanKind.SERVER, own: part.sweepId, isRoot: true });
  }

  /** The training of a trial by one attempt, from its claim to its end. */
  trained(part: Part & { attemptId: string }): void {
    this.record('train trial', part, { kind: SpanKind.CONSUMER, own: part.attemptId, parent: part.sweepId });
  }

  /** Something else: part of an attempt if one is named, else of the sweep. */
  did(name: string, part: Part): void {
    this.record(name, part, { kind: SpanKind.INTERNAL, parent: part.attemptId ?? part.sweepId });
  }

  private record(
    name: string,
    { sweepId, from, to, attributes = {}, error }: Part,
    {
      kind,
      own,
      parent = sweepId,
      isRoot = false,
    }: { kind: SpanKind; own?: string; parent?: string; isRoot?: boolean },
  ): void {
    if (!this.tracer) return;
    const traceId = traceOf(sweepId);
    const context = { traceId, spanId: spanOf(parent), traceFlags: TraceFlags.SAMPLED, isRemote: true };
    this.ids.next = own === undefined ? undefined : { traceId, spanId: spanOf(own) };
    const span = this.tracer.startSpan(
      name,
      { kind, startTime: from, root: isRoot, attributes: { 'unroll.sweep': sweepId, ...attributes } },
      isRoot ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context),
    );
    this.ids.next = undefined;
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(Math.max(from, to));
  }

  /** Sends what has not been sent yet. A receiver that does not answer holds nobody up for long. */
  async close(): Promise<void> {
    await this.provider?.shutdown().catch(() => undefined);
  }
}
