import { randomUUID } from 'node:crypto';
import { Refused } from './refused';

interface Session<State> {
  state: State;
  /** When it was last used, on the monotonic clock. Unit: milliseconds. */
  usedAt: number;
  /** Ends the step that is under way; undefined while there is none. */
  step: AbortController | undefined;
}

const noSession = (): Refused =>
  new Refused(404, 'there is no such session: it has ended, or was idle for too long; open one with POST /v1/sessions');

/** States that are kept between requests: at most so many, each until it was idle for so long. */
export class Sessions<State> {
  private readonly open = new Map<string, Session<State>>();

  constructor(
    private readonly most: number,
    private readonly idleMilliseconds: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get size(): number {
    this.forgetIdle();
    return this.open.size;
  }

  /** Keeps a state. @throws Refused where there is no room */
  add(state: State): string {
    if (this.size >= this.most)
      throw new Refused(
        503,
        `all ${this.most} sessions are open: end one with DELETE /v1/sessions/ID, or try again later`,
      );
    const id = randomUUID();
    this.open.set(id, { state, usedAt: this.now(), step: undefined });
    return id;
  }

  /**
   * Uses a state, which nobody else does meanwhile. `ended` is aborted, with what is to be thrown, once the session is ended.
   * @throws Refused for a session that has ended, or is in use
   */
  async use<Result>(id: string, work: (state: State, ended: AbortSignal) => Promise<Result>): Promise<Result> {
    const session = this.find(id);
    if (session.step) throw new Refused(409, 'another step of this session is under way: send one after the other');
    const step = new AbortController();
    session.step = step;
    try {
      return await work(session.state, step.signal);
    } finally {
      session.step = undefined;
      session.usedAt = this.now();
    }
  }

  /** Ends a session, and the step of it that is under way. @throws Refused for a session that has ended */
  end(id: string): void {
    const { step } = this.find(id);
    this.open.delete(id);
    step?.abort(noSession());
  }

  private find(id: string): Session<State> {
    this.forgetIdle();
    const session = this.open.get(id);
    if (session) return session;
    throw noSession();
  }

  private forgetIdle(): void {
    const oldest = this.now() - this.idleMilliseconds;
    for (const [id, { usedAt, step }] of this.open) if (!step && usedAt < oldest) this.open.delete(id);
  }
}
