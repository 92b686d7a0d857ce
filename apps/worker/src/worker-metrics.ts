import { Inject, Injectable } from '@nestjs/common';
import { lostIds, observedOperations, onOperation, type AttemptWork, type LostAttempts } from '@unroll/database';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { Claims } from './claims';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import { reportMilliseconds } from './settings';

/** Seconds of the operations' histogram: from an idle database on the same machine to one that hardly answers. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];

/** What one worker tells Prometheus. */
@Injectable()
export class WorkerMetrics {
  readonly registry = new Registry();
  private readonly stops: (() => void)[] = [];

  constructor(
    @Inject(Claims) private readonly claims: Claims,
    @Inject(Committer) private readonly committer: Committer,
    @Inject(Dispatcher) private readonly dispatcher: Dispatcher,
  ) {}

  /** Begins to measure. */
  start(): void {
    const { registry } = this;
    collectDefaultMetrics({ register: registry });
    this.measureOperations();
    const { slots } = this.dispatcher;
    const trainers = this.gauge('unroll_worker_trainers', 'Trainers, by what they do.', ['state']);
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    this.collected(trainers, () => {
      const count = { training: 0, idle: 0, down: 0 };
      for (const slot of slots.all)
        count[slot.run ? 'training' : slot.trainer.pid === undefined ? 'down' : 'idle'] += 1;
      for (const [state, number] of Object.entries(count)) trainers.set({ state }, number);
    });
    const simple: [name: string, help: string, read: () => number][] = [
      [
        'unroll_worker_attempts_held',
        'Attempts whose leases it renews.',
        () => sum([...this.committer.held].map(({ held }) => held.length)),
      ],
      [
        'unroll_worker_lanes',
        'Most trials that it trains side by side, in all trainers.',
        () => slots.all.length * this.claims.capacity.highest,
      ],
      [
        'unroll_worker_lanes_training',
        'Trials that train now.',
        () => sum(slots.all.map(({ run }) => run?.withoutResult.length ?? 0)),
      ],
      [
        'unroll_worker_trainer_memory_bytes',
        'Memory of the trainers, as they last reported it.',
        () => sum(slots.all.map(({ memory }) => memory ?? 0)),
      ],
      [
        'unroll_worker_updates_per_second',
        'Updates of all lanes together.',
        () => sum(slots.all.map(({ pace }) => pace.rate(performance.now()) ?? 0)),
      ],
      [
        'unroll_worker_report_interval_seconds',
        'Seconds between two reports to the database: more than 1 where it is overloaded.',
        () => this.committer.spacing(reportMilliseconds) / 1000,
      ],
      [
        'unroll_worker_spool_batches',
        'Batches on disk that wait for the database.',
        () => this.committer.spooled.batches,
      ],
      ['unroll_worker_spool_bytes', 'Their bytes.', () => this.committer.spooled.bytes],
    ];
    for (const [name, help, read] of simple) {
      const gauge = this.gauge(name, help);
      this.collected(gauge, () => gauge.set(read()));
    }
    this.measureGpu();
  }

  /** Memory of the GPU: of engines that tell it, once they train. Others have no such series. */
  private measureGpu(): void {
    const gauge = this.gauge(
      'unroll_worker_gpu_memory_bytes',
      'Memory of the GPU that the trainers hold, with what they keep for reuse, as they last reported it.',
      ['device'],
    );
    this.collected(gauge, () => {
      gauge.reset();
      for (const { gpuMemory, trainer } of this.dispatcher.slots.all)
        if (gpuMemory !== undefined) gauge.inc({ device: trainer.device }, gpuMemory);
    });
  }

  private gauge(name: string, help: string, labelNames: string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  /** Reads a gauge each time that it is asked for. */
  private collected(gauge: Gauge, read: () => void): void {
    Object.assign(gauge, { collect: read });
  }

  private measureOperations(): void {
    const durations = new Histogram({
      name: 'unroll_worker_operation_seconds',
      help: 'How long claims, joins, renewals and commits took, with their way to the database.',
      labelNames: ['operation', 'outcome'],
      buckets,
      registers: [this.registry],
    });
    const trials = new Counter({
      name: 'unroll_worker_trials_total',
      help: 'Trials that it ended, by their state.',
      labelNames: ['state'],
      registers: [this.registry],
    });
    const lost = new Counter({
      name: 'unroll_worker_attempts_refused_total',
      help: 'Attempts whose results were refused: their leases were lost, or they had ended.',
      registers: [this.registry],
    });
    for (const operation of observedOperations)
      this.stops.push(
        onOperation(operation, (call, { milliseconds }) => {
          const outcome = call.error === undefined ? 'ok' : 'error';
          durations.observe({ operation, outcome }, (performance.now() - milliseconds) / 1000);
          if (operation !== 'commit' || outcome !== 'ok') return;
          const told = call.result as LostAttempts;
          lost.inc(told.refused.length);
          const gone = new Set(lostIds(told));
          for (const { attemptId, end } of call.arguments[1] as readonly AttemptWork[])
            if (end && !gone.has(attemptId)) trials.inc({ state: end.trialState });
        }),
      );
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }
}
