import { servingLimits } from '@unroll/contracts';
import type { Inference, Predicted } from './inference';
import { Refused } from './refused';

interface Waiting {
  inputs: readonly unknown[];
  resolve: (outcome: Predicted) => void;
  reject: (error: unknown) => void;
}

/** Passes under way at once: one that is computed, and one that is on its way there or back. */
const passes = 2;

/**
 * Requests that come within `delayMilliseconds` of each other are answered by one pass over the network, of at most `batch` inputs or one
 * request. While passes are under way, those that come are collected for the next.
 */
export class Batcher {
  private waiting: Waiting[] = [];
  private underWay = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly predict: Inference['predict'],
    private readonly options: { batch: number; delayMilliseconds: number; onBatch: (inputs: number) => void },
  ) {}

  /** @throws Refused where too many requests wait */
  add(inputs: readonly unknown[]): Promise<Predicted> {
    if (this.waiting.length >= servingLimits.waiting)
      throw new Refused(503, `${servingLimits.waiting} requests are waiting for the network; try again in a moment`);
    return new Promise((resolve, reject) => {
      this.waiting.push({ inputs, resolve, reject });
      if (this.inputs(this.waiting) >= this.options.batch || this.options.delayMilliseconds === 0) this.start();
      else this.timer ??= setTimeout(() => this.start(), this.options.delayMilliseconds);
    });
  }

  private inputs(waiting: readonly Waiting[]): number {
    return waiting.reduce((sum, each) => sum + each.inputs.length, 0);
  }

  /** Starts a pass over those that wait, unless enough are under way: the end of one starts the next. */
  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.underWay >= passes || this.waiting.length === 0) return;
    let count = 1;
    while (count < this.waiting.length && this.inputs(this.waiting.slice(0, count + 1)) <= this.options.batch)
      count += 1;
    void this.run(this.waiting.splice(0, count));
  }

  /** Tells of the passes that answered. Inputs that were refused were in none; a request of more inputs than a pass has took several. */
  private count(outcomes: readonly Predicted[]): void {
    const { batch, onBatch } = this.options;
    const answered = outcomes.reduce((sum, each) => sum + ('answers' in each ? each.answers.length : 0), 0);
    for (let left = answered; left > 0; left -= batch) onBatch(Math.min(left, batch));
  }

  private async run(taken: readonly Waiting[]): Promise<void> {
    this.underWay += 1;
    try {
      const outcomes = await this.predict(taken.map(({ inputs }) => inputs));
      this.count(outcomes);
      taken.forEach(({ resolve }, index) => resolve(outcomes[index]!));
    } catch (error) {
      for (const { reject } of taken) reject(error);
    } finally {
      this.underWay -= 1;
      this.start();
    }
  }
}
