import { randomUUID } from 'node:crypto';
import { Refused } from './refused';

interface Session<State> {
  state: State;
  /** When it was last used, on the monotonic clock. Unit: milliseconds. */
  usedAt: number;
  isBusy: boolean;
}

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
    this.open.set(id, { state, usedAt: this.now(), isBusy: false });
    return id;
  }

  /** Uses a state, which nobody else does meanwhile. @throws Refused for a session that has ended, or is in use */
  async use<Result>(id: string, work: (state: State) => Promise<Result>): Promise<Result> {
    const session = this.find(id);
    if (session.isBusy) throw new Refused(409, 'another step of this session is under way: send one after the other');
    session.isBusy = true;
    try {
      return await work(session.state);
    } finally {
      session.isBusy = false;
      session.usedAt = this.now();
    }
  }

  /** @throws Refused for a session that has ended */
  end(id: string): void {
    this.find(id);
    this.open.delete(id);
  }

  private find(id: string): Session<State> {
    this.forgetIdle();
    const session = this.open.get(id);
    if (session) return session;
    throw new Refused(
      404,
      'there is no such session: it has ended, or was idle for too long; open one with POST /v1/sessions',
    );
  }

  private forgetIdle(): void {
    const oldest = this.now() - this.idleMilliseconds;
    for (const [id, { usedAt, isBusy }] of this.open) if (!isBusy && usedAt < oldest) this.open.delete(id);
  }
}
