/**
 * Lets so many go on in each turn of the event loop, in the order in which they asked, so that requests are answered in between: what is
 * small for one is not for thousands that are woken at once.
 */
export class Slices {
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly perTurn: number) {}

  /** Resolves in this turn of the event loop, or a later one. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      if (this.waiting.push(resolve) === 1) setImmediate(() => this.release());
    });
  }

  private release(): void {
    for (const goOn of this.waiting.splice(0, this.perTurn)) goOn();
    if (this.waiting.length > 0) setImmediate(() => this.release());
  }
}
