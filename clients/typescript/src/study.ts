import type { Connection } from './connection.ts';
import { TimedOut } from './errors.ts';
import { pause } from './pause.ts';
import type { Asked, Reported, SweepView, TrialView } from './schemas.ts';
import { Sweep } from './sweep.ts';

/** Parameters of a trial by name, as the study's space says. */
export type Parameters = Record<string, unknown>;

/** Metrics by name; a value that is not finite is told as one. */
export type Metrics = Readonly<Record<string, number>>;

/** The most milliseconds that one request waits for a trial. */
const longestWait = 20_000;

/** A value for JSON, which has none that is not finite. */
const told = (value: number): number | null => (Number.isFinite(value) ? value : null);

const allTold = (metrics: Metrics): Record<string, number | null> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, told(value)]));

export interface AskOptions {
  /** How long the trial may go without a report before it is given to another: seconds, or a duration such as 90s. Default: 1h. */
  lease?: number | string;
  /** Milliseconds until TimedOut is thrown. Default: waits for a paused study, and for the trials of others. */
  timeout?: number;
  signal?: AbortSignal;
}

/** What ends a trial: its value, or all values of its curve. */
export interface Outcome {
  value?: number;
  curve?: readonly number[];
  metrics?: Metrics;
}

/** A sweep whose trials are run by whoever asks for them: `for await (const trial of study)` asks until none is left. */
export class Study<Given extends Parameters = Parameters> extends Sweep {
  constructor(
    connection: Connection,
    view: SweepView,
    private readonly host: string,
  ) {
    super(connection, view);
  }

  /** The next trial, or undefined once the study has no more. @throws TimedOut, Refused, or the reason of `signal` */
  async ask({ lease = '1h', timeout = Infinity, signal }: AskOptions = {}): Promise<AskedTrial<Given> | undefined> {
    const deadline = performance.now() + timeout;
    for (;;) {
      const started = performance.now();
      const wait = Math.max(0, Math.min(longestWait, deadline - started));
      const body = { lease, wait: wait / 1000, host: this.host };
      const answer = await this.connection.call<Asked>('POST', `${this.path}/ask`, { body, signal });
      if (answer.trial) return new AskedTrial<Given>(this.connection, answer.trial, lease);
      if (answer.isOver) return undefined;
      if (performance.now() >= deadline)
        throw new TimedOut(`study ${this.id} is ${answer.state} and had no trial for ${timeout} ms`);
      // A paused study answers at once.
      await pause(Math.max(0, Math.min(1000, wait - (performance.now() - started))), signal);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<AskedTrial<Given>, void, undefined> {
    for (let trial = await this.ask(); trial; trial = await this.ask()) yield trial;
  }

  /** Ends a trial, by itself or its id, with its value or what else there is. */
  tell(trial: AskedTrial<Given> | string, outcome: number | Outcome = {}): Promise<TrialView> {
    return typeof trial === 'string' ? tell(this.connection, trial, undefined, outcome) : trial.tell(outcome);
  }
}

function tell(
  connection: Connection,
  id: string,
  attempt: string | undefined,
  outcome: number | Outcome,
  failed: { state?: 'failed'; message?: string } = {},
): Promise<TrialView> {
  const { value, curve, metrics = {} } = typeof outcome === 'number' ? { value: outcome } : outcome;
  const body = {
    ...(value === undefined ? {} : { value: told(value) }),
    ...(curve === undefined ? {} : { curve: curve.map(told) }),
    ...(attempt === undefined ? {} : { attempt }),
    metrics: allTold(metrics),
    ...failed,
  };
  // Telling the same attempt twice changes nothing, so it is sent again after a broken connection.
  const repeatable = attempt !== undefined;
  return connection.call('POST', `/v1/trials/${encodeURIComponent(id)}/tell`, { body, repeatable });
}

/** A trial to run here. */
export class AskedTrial<Given extends Parameters = Parameters> {
  readonly id: string;
  /** Number within the study, from 0. */
  readonly number: number;
  readonly seed: number;
  readonly parameters: Given;
  /** Reports of a whole trial. */
  readonly steps: number;
  /** Why the study has ended the trial; undefined while it goes on. */
  stopped: string | undefined;
  private readonly attempt: string;
  private step = 0;

  constructor(
    private readonly connection: Connection,
    asked: NonNullable<Asked['trial']>,
    private readonly lease: number | string,
  ) {
    this.id = asked.id;
    this.attempt = asked.attempt;
    this.number = asked.number;
    this.seed = asked.seed;
    this.parameters = asked.parameters as Given;
    this.steps = asked.steps;
  }

  /**
   * Reports the value after a step, by default the one after the last that was reported; resolves with whether to stop: the trial is pruned
   * then, and ended.
   */
  async report(
    value: number,
    { step = this.step + 1, metrics = {} }: { step?: number; metrics?: Metrics } = {},
  ): Promise<boolean> {
    const { attempt, lease } = this;
    const body = { step, value: told(value), metrics: allTold(metrics), attempt, lease };
    // Taken before it is sent: the next report may come before the answer to this one.
    const before = this.step;
    this.step = step;
    const sent = this.connection.call<Reported>('POST', `/v1/trials/${this.id}/report`, { body });
    const { stop, why } = await sent.catch((error: unknown) => {
      // A report that failed is of no step: it is sent again as the same one, which is harmless where only its answer was lost.
      if (this.step === step) this.step = before;
      throw error;
    });
    this.stopped = stop ? (why ?? 'stopped') : undefined;
    return stop;
  }

  /**
   * Ends the trial with its value; without one, with what was reported. A value that is not finite says that it diverged. A trial that its
   * study has stopped already keeps its result.
   */
  tell(outcome: number | Outcome = {}): Promise<TrialView> {
    return tell(this.connection, this.id, this.attempt, outcome);
  }

  /** Ends the trial as failed. */
  fail(why = 'failed'): Promise<TrialView> {
    return tell(this.connection, this.id, this.attempt, {}, { state: 'failed', message: why.slice(0, 2000) });
  }
}
