import { HttpStatus, Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { ArtifactStore } from '@unroll/artifacts';
import {
  isPrompted,
  isStudyTrial,
  limits,
  promptRefusals,
  ValidationError,
  type GenerateBody,
  type GenerateData,
  type GenerateEvent,
} from '@unroll/contracts';
import { countWilling, findId, forgetPrompt, hearPrompt, openPrompt, Trial, type HeardPrompt } from '@unroll/database';
import type { Response } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';
import { ProblemException } from '../http/problem';
import { LiveStream, serverSentEvent } from '../live/live-stream';

/** Milliseconds between two looks at what was written. */
const lookMilliseconds = 100;
/** Seconds that an answer may take in all, that a prompt waits for a worker, and that one may be silent that writes. */
const seconds = { answer: 60, wait: 20, silent: 15 } as const;
/** Seconds without a sign of life after which a worker is taken for gone (it gives one every 4 s). */
const workerSeconds = 30;

const howToStart = 'start one with: unroll worker (unroll start runs one)';

/** Has prompts answered by the models of trials, on the side of the workers, and passes the answers on as they are written. */
@Injectable()
export class PromptsService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(PromptsService.name);
  private readonly streams = new Set<LiveStream>();

  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  /** Streams the answer of a trial's model until it is complete, or the reader leaves. @throws ProblemException, ValidationError */
  async answer({ teamId }: Caller, prefix: string, body: GenerateBody, response: Response): Promise<void> {
    const model = await this.modelFor(teamId, prefix, body);
    if ((await countWilling(this.dataSource, workerSeconds)) === 0)
      throw new ProblemException(HttpStatus.SERVICE_UNAVAILABLE, `no worker runs that could answer: ${howToStart}`);
    const prompt = { teamId, model, body, seconds: seconds.answer };
    const id = await openPrompt(this.dataSource, prompt, limits.prompts);
    if (id === undefined)
      throw new ProblemException(
        HttpStatus.TOO_MANY_REQUESTS,
        `the team has ${limits.prompts} prompts that are being answered: ask again when one is`,
      );
    const stream = new LiveStream(response);
    this.streams.add(stream);
    try {
      await this.pass(id, stream);
    } finally {
      this.streams.delete(stream);
      stream.end();
      // The worker that writes learns by it that nobody waits.
      await forgetPrompt(this.dataSource, id).catch((error: unknown) =>
        this.logger.warn({ error: String(error) }, 'could not forget a prompt, which expires'),
      );
    }
  }

  /** The artifact of the model that answers. @throws ProblemException, ValidationError */
  private async modelFor(teamId: string, prefix: string, body: GenerateBody): Promise<string> {
    const id = await findId(this.dataSource, teamId, 'trials', prefix);
    const trial = await this.dataSource.getRepository(Trial).findOneByOrFail({ id });
    const refuse = (why: string): never => {
      throw new ProblemException(HttpStatus.CONFLICT, `trial ${id} ${why}`);
    };
    if (isStudyTrial({ spec: { ...trial.spec } })) return refuse('is of a study: its model is with whoever trained it');
    const { kind } = trial.spec.task;
    if (!isPrompted(kind)) return refuse(`is of the task ${kind}, which answers no prompt: use unroll predict`);
    const refusals = promptRefusals(kind, body);
    if (refusals.length > 0) throw new ValidationError(refusals);
    if (trial.model === null) return refuse(`is ${trial.state} and has no model`);
    if (!(await this.store.exists(trial.model))) return refuse('has a model that is no longer stored');
    return trial.model;
  }

  private async pass(id: string, stream: LiveStream): Promise<void> {
    const until = performance.now() + seconds.answer * 1000;
    const send = <Event extends GenerateEvent>(event: Event, data: GenerateData[Event]): Promise<void> =>
      stream.send(serverSentEvent(event, data));
    for (let known = 0; !stream.isClosed;) {
      const heard = await this.hear(id, known);
      if (heard) {
        known += heard.pieces.length;
        const text = heard.pieces.join('');
        if (text !== '') await send('text', { text });
        if (heard.state === 'done') return send('done', {});
      }
      const message = (heard && failureOf(heard)) ?? (performance.now() > until ? tooLong : undefined);
      if (message !== undefined) return send('failed', { message });
      const { signal } = stream.closed;
      await sleep(lookMilliseconds, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What has become of a prompt; undefined while the database is unavailable. */
  private async hear(id: string, known: number): Promise<HeardPrompt | undefined> {
    try {
      return (await hearPrompt(this.dataSource, id, known)) ?? forgotten;
    } catch (error) {
      this.logger.warn({ error: String(error) }, 'could not read an answer; retrying');
      return undefined;
    }
  }

  /** Open streams would keep the server from shutting down. */
  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.end();
  }
}

/** Another server has forgotten it, as it does with what has expired. */
const forgotten: HeardPrompt = {
  state: 'failed',
  pieces: [],
  message: 'the prompt has expired: ask again',
  silentSeconds: 0,
};
const tooLong = `the answer is not complete after ${seconds.answer} s, and ends here: ask for fewer tokens`;

/** Why there will be no more text; undefined if there may be. */
function failureOf({ state, message, silentSeconds }: HeardPrompt): string | undefined {
  if (state === 'failed') return message ?? 'the worker could not answer';
  if (state === 'waiting' && silentSeconds > seconds.wait)
    return `no worker has taken the prompt within ${seconds.wait} s: all are busy with others, or gone; ask again, or ${howToStart}`;
  if (state === 'writing' && silentSeconds > seconds.silent)
    return `the worker that wrote this has been silent for ${seconds.silent} s: ask again`;
  return undefined;
}
