import type { Connection } from './connection.ts';
import { TimedOut } from './errors.ts';
import { listen, type LiveEvent } from './events.ts';
import { pause } from './pause.ts';
import type { LeaderboardRow, SweepView, TrialState, TrialView } from './schemas.ts';
import { Trial } from './trial.ts';

const ended: readonly string[] = ['completed', 'cancelled', 'failed'];

/** A sweep, as it was when it was last read: `view` is the answer of the API. */
export class Sweep {
  protected readonly path: string;

  constructor(
    protected readonly connection: Connection,
    public view: SweepView,
  ) {
    this.path = `/v1/sweeps/${view.id}`;
  }

  get id(): string {
    return this.view.id;
  }

  get name(): string {
    return this.view.name;
  }

  get state(): SweepView['state'] {
    return this.view.state;
  }

  /** Reads it again; resolves with itself. */
  async refresh(): Promise<this> {
    this.view = await this.connection.call<SweepView>('GET', this.path);
    return this;
  }

  /**
   * Waits until the sweep has ended; resolves with itself. `timeout`, `every`: milliseconds. @throws TimedOut, or the reason of `signal`
   */
  async wait({
    timeout = Infinity,
    every = 1000,
    signal,
  }: { timeout?: number; every?: number; signal?: AbortSignal } = {}): Promise<this> {
    const deadline = performance.now() + timeout;
    while (!ended.includes((await this.refresh()).state)) {
      if (performance.now() >= deadline) throw new TimedOut(`sweep ${this.id} is ${this.state} after ${timeout} ms`);
      await pause(Math.min(every, deadline - performance.now()), signal);
    }
    return this;
  }

  /** Its leaderboard, best first, every row unless `limit` says otherwise. `where`: conditions, such as `model.cell:gru`. */
  async board(options: { limit?: number; where?: readonly string[] } = {}): Promise<LeaderboardRow[]> {
    const rows: LeaderboardRow[] = [];
    for await (const row of this.rows(options)) rows.push(row);
    return rows;
  }

  /** The rows of its leaderboard one after another, as they arrive. */
  rows({ limit, where = [] }: { limit?: number; where?: readonly string[] } = {}): AsyncGenerator<LeaderboardRow> {
    return this.connection.lines<LeaderboardRow>(`${this.path}/export`, { format: 'jsonl', limit, where });
  }

  /** Its trials in the order of their proposal, read page by page. `state`: only those in this state; `pageSize`: trials of a request. */
  async *trials({ state, pageSize }: { state?: TrialState; pageSize?: number } = {}): AsyncGenerator<Trial> {
    const query = { state, ...(pageSize === undefined ? {} : { limit: pageSize }) };
    for await (const view of this.connection.items<TrialView>(`${this.path}/trials`, query))
      yield new Trial(this.connection, view);
  }

  /** The trial at the top of its leaderboard. @throws Refused while none has a value */
  async best(): Promise<Trial> {
    return new Trial(this.connection, await this.connection.call<TrialView>('GET', `/v1/trials/${this.id}:best`));
  }

  /** What changes of it and of its trials, as it happens, until `signal` is aborted. `after`: the id of the last event that was seen. */
  events(options: { signal?: AbortSignal; after?: string } = {}): AsyncGenerator<LiveEvent> {
    return listen(this.connection, `${this.path}/events`, options);
  }

  /** Running trials finish; no new ones start. */
  pause(): Promise<this> {
    return this.change('pause');
  }

  resume(): Promise<this> {
    return this.change('resume');
  }

  /** Stops its running trials. */
  cancel(): Promise<this> {
    return this.change('cancel');
  }

  /** Adds this number of configurations. */
  extend(trials: number): Promise<this> {
    return this.change('extend', { body: { trials }, repeatable: true });
  }

  /** Deletes the ended sweep and its trials. */
  async delete(): Promise<void> {
    await this.connection.call<undefined>('DELETE', this.path);
  }

  private async change(verb: string, sent: { body?: object; repeatable?: boolean } = {}): Promise<this> {
    this.view = await this.connection.call<SweepView>('POST', `${this.path}/${verb}`, sent);
    return this;
  }
}
