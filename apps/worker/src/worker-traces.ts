import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  onOperation,
  type AttemptWork,
  type Claim,
  type ClaimedTrial,
  type LostAttempts,
  type ObservedName,
} from '@unroll/database';
import { version } from '@unroll/config';
import { Tracing } from '@unroll/tracing';
import { workerSettings, type WorkerSettings } from './settings';

interface Begun {
  sweepId: string;
  trialId: string;
  from: number;
}

/** Sends the spans of what this worker does to sweeps: claims, the training of each attempt, and the commits of results. */
@Injectable()
export class WorkerTraces implements OnApplicationShutdown {
  private readonly tracing = new Tracing('unroll-worker', version);
  private readonly begun = new Map<string, Begun>();

  constructor(@Inject(workerSettings) private readonly settings: WorkerSettings) {}

  start(): void {
    if (!this.tracing.isOn) return;
    this.after<Claim | undefined>('claim', (claim, _, from) => {
      if (claim) this.took(claim.sweepId, claim.trials, from);
    });
    this.after<ClaimedTrial[]>('join', (trials, [, , { sweepId }], from) => {
      if (trials.length > 0) this.took(sweepId as string, trials, from);
    });
    this.after<LostAttempts>('renew', (lost) => this.lost(lost));
    this.after<LostAttempts>('commit', (lost, [, work], from) => {
      this.lost(lost);
      for (const { attemptId, updates, end } of work as readonly AttemptWork[])
        if (end) this.ended(attemptId, { updates, state: end.trialState, from });
    });
  }

  /** Calls `then` after each call of an operation that succeeded, with its answer, its arguments and when it began. */
  private after<Result>(
    name: ObservedName,
    // eslint-disable-next-line @typescript-eslint/no-explicit-any -- operations differ
    then: (result: Result, given: readonly any[], from: number) => void,
  ): void {
    onOperation(name, (call, { date }) => {
      if (call.error === undefined) then(call.result as Result, call.arguments, date);
    });
  }

  private took(sweepId: string, trials: readonly ClaimedTrial[], from: number): void {
    const to = Date.now();
    const attributes = {
      'unroll.worker': this.settings.id,
      'unroll.host': this.settings.host,
      'unroll.trials': trials.length,
    };
    this.tracing.did('claim trials', { sweepId, from, to, attributes });
    for (const { attemptId, trialId } of trials) this.begun.set(attemptId, { sweepId, trialId, from: to });
  }

  private ended(attemptId: string, { updates, state, from }: { updates: number; state: string; from: number }): void {
    const begun = this.begun.get(attemptId);
    if (!begun) return;
    this.train(attemptId, begun, { to: from, attributes: { 'unroll.updates': updates, 'unroll.state': state } });
    this.tracing.did('commit result', { sweepId: begun.sweepId, attemptId, from, to: Date.now() });
  }

  /** Attempts that ended without a result of this worker. */
  private lost({ pruned, cancelled, refused }: LostAttempts): void {
    for (const [error, ids] of Object.entries({ pruned, cancelled, refused }))
      for (const id of ids) {
        const begun = this.begun.get(id);
        if (begun) this.train(id, begun, { to: Date.now(), error });
      }
  }

  /** Attempts were released: to shut down, after a crash, or because their group had ended. */
  released(attemptIds: readonly string[], why: string): void {
    for (const id of attemptIds) {
      const begun = this.begun.get(id);
      if (begun) this.train(id, begun, { to: Date.now(), error: why });
    }
  }

  private train(
    attemptId: string,
    { sweepId, trialId, from }: Begun,
    { attributes, ...end }: { to: number; error?: string; attributes?: Record<string, string | number> },
  ): void {
    this.begun.delete(attemptId);
    this.tracing.trained({
      ...{ sweepId, attemptId, from, ...end },
      attributes: { 'unroll.trial': trialId, 'unroll.attempt': attemptId, ...attributes },
    });
  }

  onApplicationShutdown(): Promise<void> {
    return this.tracing.close();
  }
}
