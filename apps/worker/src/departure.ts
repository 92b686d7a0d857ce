import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { Claims } from './claims';
import { Committer } from './committer';
import { Dispatcher } from './dispatcher';
import { Prompts } from './prompts';
import { workerSettings, type WorkerSettings } from './settings';

/** Milliseconds between two looks. */
const interval = 250;

/**
 * When this worker leaves the fleet: it was idle for long enough, it has taken all the trials that it may, its time is up (for machines
 * that are paid by the hour, jobs of a batch system, and CI), or somebody has asked it to.
 */
@Injectable()
export class Departure implements BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly claims: Claims,
    private readonly committer: Committer,
    private readonly dispatcher: Dispatcher,
    private readonly prompts: Prompts,
  ) {}

  /** Resolves with why it leaves. */
  due(): Promise<string> {
    const { idleSeconds, seconds } = this.settings.leave;
    const began = performance.now();
    let busyAt = began;
    return new Promise((resolve) => {
      this.timer = setInterval(() => {
        const now = performance.now();
        if (!this.isIdle) busyAt = now;
        if (seconds !== undefined && now - began >= seconds * 1000)
          resolve(`its time of ${seconds} s is up: what still trains continues elsewhere`);
        else if (this.wasDrained) resolve('it was drained');
        else if (this.claims.allowance.isUsedUp && this.isIdle) resolve('it has trained as many trials as it was to');
        else if (idleSeconds !== undefined && now - busyAt >= idleSeconds * 1000)
          resolve(`there were no trials for it for ${idleSeconds} s`);
      }, interval);
    });
  }

  /** Somebody has asked it to leave, at once or once it has finished. */
  private get wasDrained(): boolean {
    const { askedToLeave } = this.dispatcher;
    return askedToLeave === 'release' || (askedToLeave === 'finish' && this.isIdle);
  }

  /** It trains and answers nothing, and nothing waits to be committed. */
  private get isIdle(): boolean {
    return (
      this.dispatcher.isIdle && this.prompts.areIdle && this.committer.held.size === 0 && this.committer.hasCommittedAll
    );
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
