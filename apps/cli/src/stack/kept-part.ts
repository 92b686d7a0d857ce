import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from './part';

/** Times in a row that a process is started again; it has failed for good after that. */
const mostStarts = 5;
/** Milliseconds before it is started again; doubled each time in a row. */
const firstPause = 1000;
/** Milliseconds after which a process counts as having started well. */
const steady = 60_000;

/**
 * A process of the stack that is started again when it exits unexpectedly, since the kernel kills processes when memory is short, but not
 * when it has left by itself.
 */
export class KeptPart {
  /** Resolves with the reason when it has exited again and again. */
  readonly broken: Promise<string>;
  private part: Part;
  private readonly stopped = new AbortController();

  /** `begin`: starts the process. */
  constructor(
    private readonly begin: () => Part,
    private readonly say: (line: string) => void,
  ) {
    this.part = begin();
    this.broken = this.keep();
  }

  get name(): Part['name'] {
    return this.part.name;
  }

  get pid(): number | undefined {
    return this.part.child.pid;
  }

  /** Resolves with the ready message of the first process. @throws CommandFailed if it failed to start */
  async ready(): Promise<{ port?: number }> {
    try {
      return await this.part.ready();
    } catch (error) {
      this.stopped.abort();
      throw error;
    }
  }

  release(environment: Record<string, string>): void {
    this.part.release(environment);
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    await this.part.stop();
  }

  private async keep(): Promise<string> {
    const { signal } = this.stopped;
    for (let starts = 0; ;) {
      const began = performance.now();
      const reason = await this.part.ended;
      if (signal.aborted) return new Promise(() => undefined);
      if (this.part.left !== undefined) {
        this.say(`A ${this.name} has left: ${this.part.left}. The next start of the stack starts another.`);
        return new Promise(() => undefined);
      }
      if (performance.now() - began > steady) starts = 0;
      if (starts === mostStarts) return `${reason}. It exited ${starts + 1} times in a row`;
      const pause = firstPause * 2 ** starts;
      starts += 1;
      this.say(`${reason[0]!.toUpperCase()}${reason.slice(1)}. Starting it again in ${pause / 1000} s.`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return new Promise(() => undefined);
      this.part = this.begin();
      // Why it fails to start follows from its end.
      this.part.ready().catch(() => undefined);
    }
  }
}
