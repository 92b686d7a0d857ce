import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags, SpanKind, type Attributes } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from '@opentelemetry/sdk-trace';

/** A span of a trace that other processes add to: `own` is its id if others are part of it, `parent` that of what it is part of. */
export interface KnownSpan {
  name: string;
  kind: 'SERVER' | 'CONSUMER' | 'INTERNAL';
  traceId: string;
  own: string | undefined;
  /** Undefined: it is the root. */
  parent: string | undefined;
  /** Milliseconds since 1970. */
  from: number;
  to: number;
  attributes: Attributes;
  error: string | undefined;
}

/** Random ids, except for spans that others are part of: their ids follow from what they are about. */
class KnownIds extends RandomIdGenerator {
  next: { traceId: string; spanId: string } | undefined;
  override readonly generateTraceId = (): string => this.next?.traceId ?? random.generateTraceId();
  override readonly generateSpanId = (): string => this.next?.spanId ?? random.generateSpanId();
}
const random = new RandomIdGenerator();

/** Sends spans to the OTLP receiver that the environment names. */
export class Recorder {
  private readonly ids = new KnownIds();
  private readonly provider: TracerProvider;

  constructor(
    service: string,
    private readonly version: string,
  ) {
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
      spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
      idGenerator: this.ids,
    });
  }

  record({ name, kind, traceId, own, parent, from, to, attributes, error }: KnownSpan): void {
    this.ids.next = own === undefined ? undefined : { traceId, spanId: own };
    const span = this.provider.getTracer('unroll', this.version).startSpan(
      name,
      { kind: SpanKind[kind], startTime: from, root: parent === undefined, attributes },
      parent === undefined
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            ...{ traceId, spanId: parent, traceFlags: TraceFlags.SAMPLED, isRemote: true },
          }),
    );
    this.ids.next = undefined;
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    span.end(Math.max(from, to));
  }

  /** Sends what has not been sent yet. */
  close(): Promise<void> {
    return this.provider.shutdown();
  }
}
