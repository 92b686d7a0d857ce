import { ValidationError } from '@unroll/contracts';
import { Worker } from 'node:worker_threads';
import type { Answer, Call, ThreadMethods } from './protocol';
import { Turns } from './turns';

/** A thread ended before it answered: it took too long, it crashed, or the process is shutting down. The message is one line. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';

  constructor(
    readonly reason: 'overdue' | 'crashed' | 'closed',
    message: string,
  ) {
    super(message);
  }
}

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: ThreadLost) => void;
}

/**
 * A thread that computes, beside the one that serves requests. It starts with the first call. One that is lost is started again by the next
 * call, without what it kept in memory.
 */
export class Thread<Methods extends ThreadMethods> {
  private worker: Worker | undefined;
  private waiting: Waiting | undefined;
  private closed = false;
  private readonly turns = new Turns();

  /** `file`: calls `serve`. `heapMegabytes`: beyond that the thread is lost, rather than the process. */
  constructor(
    private readonly file: string,
    private readonly heapMegabytes: number,
  ) {}

  /**
   * Calls a method of the thread, after the calls before it have been answered. The seconds count from then on.
   * @throws ValidationError and other errors of the method; ThreadLost if there is no answer within `seconds`
   */
  call<Name extends keyof Methods & string>(
    method: Name,
    input: Parameters<Methods[Name]>[0],
    seconds: number,
  ): Promise<ReturnType<Methods[Name]>> {
    return this.turns.take(async () => {
      const answer = await this.ask({ method, input }, seconds);
      if ('invalid' in answer) throw new ValidationError(answer.invalid);
      if ('error' in answer) throw answer.error;
      return answer.result as ReturnType<Methods[Name]>;
    });
  }

  private async ask(call: Call, seconds: number): Promise<Answer> {
    if (this.closed) throw shuttingDown();
    const worker = (this.worker ??= this.start());
    const late = new ThreadLost('overdue', `it took longer than ${seconds} s`);
    const timer = setTimeout(() => this.lose(worker, late), seconds * 1000);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.waiting = { resolve, reject };
        worker.postMessage(call);
      });
    } finally {
      clearTimeout(timer);
      this.waiting = undefined;
    }
  }

  private start(): Worker {
    const worker = new Worker(this.file, { resourceLimits: { maxOldGenerationSizeMb: this.heapMegabytes } });
    const crashed = (why: string): void => this.lose(worker, new ThreadLost('crashed', why));
    worker.on('message', (answer: Answer) => this.waiting?.resolve(answer));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      crashed(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `it needs more than ${this.heapMegabytes} MB of memory`
          : `its thread failed: ${error.message}`,
      ),
    );
    worker.on('exit', (code) => crashed(`its thread exited with code ${code}`));
    return worker;
  }

  /** Does nothing if the thread was lost before. */
  private lose(worker: Worker, why: ThreadLost): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    this.waiting?.reject(why);
    void worker.terminate();
  }

  /** Ends the thread. Calls without an answer fail, and so do later ones. */
  async close(): Promise<void> {
    this.closed = true;
    const { worker } = this;
    this.worker = undefined;
    this.waiting?.reject(shuttingDown());
    await worker?.terminate();
  }
}

const shuttingDown = (): ThreadLost => new ThreadLost('closed', 'the API is shutting down');
