import type { Attributes } from '@opentelemetry/api';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as recording from './recorder';

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

/**
 * Spans of what happens to sweeps, sent to an OTLP receiver over HTTP. Environment (OpenTelemetry's own): OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT says where to, OTEL_EXPORTER_OTLP_HEADERS with which headers. Without an address nothing is
 * recorded, and OpenTelemetry is not loaded: it takes a fifth of the time in which the modules of the API load.
 */
export class Tracing {
  private readonly recorder: recording.Recorder | undefined;

  /** `service`: the process, such as `unroll-api`, unless OTEL_SERVICE_NAME names it. */
  constructor(service: string, version: string, environment: NodeJS.ProcessEnv = process.env) {
    const { OTEL_EXPORTER_OTLP_ENDPOINT: one, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other } = environment;
    if (!one && !other) return;
    const name = environment.OTEL_SERVICE_NAME ?? service;
    const { Recorder } = createRequire(__filename)('./recorder') as typeof recording;
    this.recorder = new Recorder(name, version);
  }

  get isOn(): boolean {
    return this.recorder !== undefined;
  }

  /** The submission of a sweep: the root of its trace. */
  submitted(part: Part): void {
    this.record('submit sweep', part, { kind: 'SERVER', own: part.sweepId, isRoot: true });
  }

  /** The training of a trial by one attempt, from its claim to its end. */
  trained(part: Part & { attemptId: string }): void {
    this.record('train trial', part, { kind: 'CONSUMER', own: part.attemptId, parent: part.sweepId });
  }

  /** Something else: part of an attempt if one is named, else of the sweep. */
  did(name: string, part: Part): void {
    this.record(name, part, { kind: 'INTERNAL', parent: part.attemptId ?? part.sweepId });
  }

  private record(
    name: string,
    { sweepId, from, to, attributes = {}, error }: Part,
    {
      kind,
      own,
      parent = sweepId,
      isRoot = false,
    }: { kind: recording.KnownSpan['kind']; own?: string; parent?: string; isRoot?: boolean },
  ): void {
    this.recorder?.record({
      ...{ name, kind, from, to, error, traceId: traceOf(sweepId) },
      own: own === undefined ? undefined : spanOf(own),
      parent: isRoot ? undefined : spanOf(parent),
      attributes: { 'unroll.sweep': sweepId, ...attributes },
    });
  }

  /** Sends what has not been sent yet. A receiver that does not answer holds nobody up for long. */
  async close(): Promise<void> {
    await this.recorder?.close().catch(() => undefined);
  }
}
