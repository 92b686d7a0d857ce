import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { countWilling, takePrompt, tellPrompt, type TakenPrompt } from '@unroll/database';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Claims } from './claims';
import { Dispatcher } from './dispatcher';
import { workerSettings, type WorkerSettings } from './settings';
import { WriterProcess } from './writer-process';

/** Milliseconds between two looks for a prompt: with a writer, at least and at most without one, and after a look that failed. */
const looks = { warm: 200, least: 1000, most: 12_000, failed: 10_000 } as const;
/** Milliseconds between two looks of all workers together, of which any can answer. */
const fleetLook = 50;
/** Milliseconds for which the number of workers is taken to be the same, and seconds after which a silent one does not count. */
const counted = { milliseconds: 60_000, silentSeconds: 30 } as const;
/** Milliseconds that pieces wait for others, and after which a worker without any says that it writes. */
const tellMilliseconds = 150;
const aliveMilliseconds = 1000;
/** Milliseconds that the writer has to stop. */
const stopMilliseconds = 3000;
/** Milliseconds without a prompt after which the writer ends. */
const idleMilliseconds = 300_000;
/** Models that the writer has probably at hand. */
const remembered = 4;

/** A text that is being written. */
class Answer {
  pieces: string[] = [];
  end: { message: string | undefined } | undefined;
  private readonly whenEnded = new AbortController();

  constructor(readonly id: string) {}

  /** Ends it, unless it has ended; `message`: why it failed. */
  finish(message: string | undefined): void {
    this.end ??= { message };
    this.whenEnded.abort();
  }

  /** Waits until it has ended, or some time has passed. */
  async wait(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.whenEnded.signal }).catch(() => undefined);
  }
}

/** Answers prompts, one at a time: takes them from the database, has the writer write, and tells what it has written. */
@Injectable()
export class Prompts implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Prompts.name);
  private readonly writer: WriterProcess;
  private timer: NodeJS.Timeout | undefined;
  private idle: NodeJS.Timeout | undefined;
  private answering: Promise<void> | undefined;
  private current: Answer | undefined;
  private atHand: string[] = [];
  private fleet = { workers: 1, countedAt: -Infinity };

  constructor(
    @Inject(workerSettings) private readonly settings: WorkerSettings,
    private readonly dataSource: DataSource,
    private readonly claims: Claims,
    private readonly dispatcher: Dispatcher,
  ) {
    this.writer = new WriterProcess(settings.engine, settings.artifactsUrl);
    this.writer.on('piece', (id, piece) => void (this.current?.id === id && this.current.pieces.push(piece)));
    this.writer.on('end', (id, message) => void (this.current?.id === id && this.current.finish(message)));
  }

  start(): void {
    this.schedule(looks.least);
  }

  get areIdle(): boolean {
    return this.answering === undefined;
  }

  private schedule(milliseconds: number): void {
    this.timer = setTimeout(() => {
      void this.look()
        .catch((error: unknown) => {
          this.logger.warn({ error: String(error) }, 'could not look for prompts; retrying');
          return looks.failed;
        })
        .then((next) => this.timer && this.schedule(next));
    }, milliseconds);
  }

  /** Answers a prompt if there is one. Returns the milliseconds until the next look. */
  private async look(): Promise<number> {
    const isWarm = this.writer.isOpen;
    if (this.dispatcher.askedToLeave === null) {
      const { id } = this.settings;
      const taken = await this.claims.inTurn(() => takePrompt(this.dataSource, id, isWarm ? this.atHand : []));
      if (taken) {
        clearTimeout(this.idle);
        this.answering = this.answer(taken).finally(() => (this.answering = undefined));
        await this.answering;
        this.idle = setTimeout(() => this.writer.kill(), idleMilliseconds).unref();
        return 0;
      }
    }
    return isWarm ? looks.warm : this.coldLook();
  }

  /** The more workers there are, the more rarely each looks; at random, since those of a fleet are started together. */
  private async coldLook(): Promise<number> {
    if (performance.now() - this.fleet.countedAt > counted.milliseconds) {
      const workers = await this.claims.inTurn(() => countWilling(this.dataSource, counted.silentSeconds));
      this.fleet = { workers, countedAt: performance.now() };
    }
    const each = Math.min(looks.most, Math.max(looks.least, this.fleet.workers * fleetLook));
    return each * (1 + 0.5 * Math.random());
  }

  private async answer({ id, model, body, seconds }: TakenPrompt): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    const answer = (this.current = new Answer(id));
    this.atHand = [...this.atHand.filter((each) => each !== model), model].slice(-remembered);
    this.writer
      .write({ type: 'write', id, model, body })
      .catch((error: Error) => answer.finish(`this worker cannot write: ${error.message}`));
    try {
      await this.tell(answer, deadline);
    } finally {
      if (!answer.end) await this.stop(answer);
      this.current = undefined;
    }
  }

  /** Tells what is written, until it has ended, nobody waits any longer, or its time is up. */
  private async tell(answer: Answer, deadline: number): Promise<void> {
    for (let toldAt = performance.now(); performance.now() < deadline;) {
      await answer.wait(tellMilliseconds);
      const { end } = answer;
      const pieces = answer.pieces.splice(0);
      if (pieces.length === 0 && !end && performance.now() - toldAt < aliveMilliseconds) continue;
      const state = end && (end.message === undefined ? 'done' : 'failed');
      const news = { pieces: pieces.length > 0 ? [pieces.join('')] : [], end: state, message: end?.message } as const;
      const isWanted = await this.claims.inTurn(() => tellPrompt(this.dataSource, this.settings.id, answer.id, news));
      if (end || !isWanted) return;
      toldAt = performance.now();
    }
  }

  /** Stops the writer, or ends it if it does not. */
  private async stop(answer: Answer): Promise<void> {
    this.writer.stop(answer.id);
    await answer.wait(stopMilliseconds);
    if (!answer.end) this.writer.kill();
  }

  /** Says that it writes no more, where somebody waits. */
  async beforeApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    clearTimeout(this.idle);
    this.timer = undefined;
    this.current?.finish('the worker that wrote this was shut down: ask again');
    this.writer.kill();
    await this.answering?.catch(() => undefined);
  }
}
