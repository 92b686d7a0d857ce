import { ValidationError } from '@unroll/contracts';
import { Turns } from '@unroll/database';
import { Worker } from 'node:worker_threads';
import { cpuClock, type Clock } from './clock';
import type { Answer, Call, Ready, Setting, ThreadMethods } from './protocol';

/**
 * A thread ended before it answered: it took too much CPU time, or too little as the machine is busy; it crashed, or the
 * process is shutting down. The message is one line.
 */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';

  constructor(
    readonly reason: 'overdue' | 'busy' | 'crashed' | 'closed',
    message: string,
  ) {
    super(message);
  }
}

/** How long a call may take from when the thread is ready. Unit: seconds. */
export interface Limit {
  /** CPU time of the thread: more is the fault of the call. */
  cpu: number;
  /** Time by the clock, the start of the thread included: a thread that is still below `cpu` then is held up by others. */
  wall: number;
}

/** Times the limit of CPU time that a call may take by the clock. */
const patience = 10;
/** Fewest milliseconds between two looks at a thread's clock. */
const shortestLook = 20;

/** The limit of a call that may take `cpu` seconds of CPU time. */
export const within = (cpu: number): Limit => ({ cpu, wall: patience * cpu });

interface Waiting {
  resolve: (answer: Answer) => void;
  reject: (error: ThreadLost) => void;
}

interface Running {
  worker: Worker;
  /** Fulfilled once it answers calls; pending forever if it is lost before. */
  ready: Promise<Clock>;
  hasStarted: boolean;
}

export interface ThreadOptions {
  /** By how much it gives way to the other threads, as by nice(1). */
  niceness?: number;
  /** Seconds without a call after which it ends, and gives its memory back; undefined: never. */
  idleSeconds?: number;
}

/**
 * A thread that computes, beside the one that serves requests. It starts with the first call. One that is lost, or has ended because it was
 * idle, is started again by the next call, without what it kept in memory.
 */
export class Thread<Methods extends ThreadMethods> {
  private running: Running | undefined;
  private waiting: Waiting | undefined;
  private idle: NodeJS.Timeout | undefined;
  private closed = false;
  private readonly turns = new Turns();

  /** `file`: calls `serve`. `heapMegabytes`: beyond that the thread is lost, rather than the process. */
  constructor(
    private readonly file: string,
    private readonly heapMegabytes: number,
    private readonly options: ThreadOptions = {},
  ) {}

  get isRunning(): boolean {
    return this.running !== undefined;
  }

  /**
   * Calls a method of the thread, after the calls before it have been answered.
   * @throws ValidationError and other errors of the method; ThreadLost if there is no answer within the limit
   */
  call<Name extends keyof Methods & string>(
    method: Name,
    input: Parameters<Methods[Name]>[0],
    limit: Limit,
  ): Promise<ReturnType<Methods[Name]>> {
    return this.turns.take(async () => {
      const answer = await this.ask({ method, input }, limit);
      if ('invalid' in answer) throw new ValidationError(answer.invalid);
      if ('error' in answer) throw answer.error;
      return answer.result as ReturnType<Methods[Name]>;
    });
  }

  private async ask(call: Call, limit: Limit): Promise<Answer> {
    if (this.closed) throw shuttingDown();
    clearTimeout(this.idle);
    const running = (this.running ??= this.start());
    const unwatch = this.watch(running, limit);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        const waiting = { resolve, reject };
        this.waiting = waiting;
        void running.ready.then(() => {
          if (this.waiting === waiting) running.worker.postMessage(call);
        });
      });
    } finally {
      unwatch();
      this.waiting = undefined;
      this.endWhenIdle();
    }
  }

  private endWhenIdle(): void {
    const { idleSeconds } = this.options;
    const { running } = this;
    if (idleSeconds === undefined || !running?.hasStarted) return;
    this.idle = setTimeout(() => {
      this.running = undefined;
      void running.worker.terminate();
    }, idleSeconds * 1000).unref();
  }

  /**
   * Ends the thread when its call is beyond the limit. It is looked at when it may be: a thread takes no more CPU time than passes. While
   * it is still starting it goes on for the next call: else a machine too busy for the start would never get beyond it. Returns what ends
   * the watch.
   */
  private watch(running: Running, { cpu, wall }: Limit): () => void {
    const { worker, ready } = running;
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const busy = setTimeout(() => {
      const why = new ThreadLost('busy', `the machine is busy: no answer within ${wall} s`);
      if (running.hasStarted) this.lose(worker, why);
      else this.waiting?.reject(why);
    }, wall * 1000);
    void ready.then((clock) => {
      const begun = clock();
      const look = (): void => {
        if (isOver) return;
        const left = cpu - (clock() - begun);
        if (left <= 0) return this.lose(worker, new ThreadLost('overdue', `it took longer than ${cpu} s`));
        timer = setTimeout(look, Math.max(left * 1000, shortestLook));
      };
      look();
    });
    return () => {
      isOver = true;
      clearTimeout(busy);
      clearTimeout(timer);
    };
  }

  private start(): Running {
    const workerData: Setting = { niceness: this.options.niceness ?? 0 };
    const worker = new Worker(this.file, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: this.heapMegabytes },
    });
    const crashed = (why: string): void => this.lose(worker, new ThreadLost('crashed', why));
    worker.on('error', (error: NodeJS.ErrnoException) =>
      crashed(
        error.code === 'ERR_WORKER_OUT_OF_MEMORY'
          ? `it needs more than ${this.heapMegabytes} MB of memory`
          : `its thread failed: ${error.message}`,
      ),
    );
    worker.on('exit', (code) => crashed(`its thread exited with code ${code}`));
    const ready = new Promise<Clock>((resolve) => {
      worker.on('message', (message: Answer | Ready) => {
        if ('ready' in message) {
          running.hasStarted = true;
          resolve(cpuClock(message.thread));
          // Who asked may have given up meanwhile.
          if (this.running === running && !this.waiting) this.endWhenIdle();
        } else if (this.running === running) this.waiting?.resolve(message);
      });
    });
    const running: Running = { worker, ready, hasStarted: false };
    return running;
  }

  /** Does nothing if the thread was lost before. */
  private lose(worker: Worker, why: ThreadLost): void {
    if (this.running?.worker !== worker) return;
    this.running = undefined;
    this.waiting?.reject(why);
    void worker.terminate();
  }

  /** Ends the thread. Calls without an answer fail, and so do later ones. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idle);
    const { running } = this;
    this.running = undefined;
    this.waiting?.reject(shuttingDown());
    await running?.worker.terminate();
  }
}

const shuttingDown = (): ThreadLost => new ThreadLost('closed', 'the API is shutting down');
