/** Milliseconds until the next round after one that failed. */
const pauseAfterError = 1000;

/** Work that is done again and again, one round at a time, with a pause between two. */
export class Rounds {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private again = false;
  private hasStopped = false;

  /** `round` returns the milliseconds until the next one. `failed` is told of an error that it did not handle; others follow it. */
  constructor(
    private readonly round: () => Promise<number>,
    private readonly failed: (error: unknown) => void,
  ) {}

  get stopped(): boolean {
    return this.hasStopped;
  }

  /** Begins a round now, or as soon as the one under way has ended. Does nothing once they are stopped. */
  wake(): void {
    if (this.hasStopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.running = this.roundOrError().then((pause) => {
      this.running = undefined;
      if (this.hasStopped) return;
      const isDue = this.again || pause === 0;
      this.again = false;
      if (isDue) this.wake();
      else this.timer = setTimeout(() => this.wake(), pause);
    });
  }

  private async roundOrError(): Promise<number> {
    try {
      return await this.round();
    } catch (error) {
      this.failed(error);
      return pauseAfterError;
    }
  }

  /** Begins no more rounds, and resolves once the one under way has ended. */
  async stop(): Promise<void> {
    this.hasStopped = true;
    clearTimeout(this.timer);
    await this.running;
  }
}
