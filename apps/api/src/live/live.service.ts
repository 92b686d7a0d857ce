import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { toMeasure, type LiveData, type LiveEvent, type SweepView } from '@unroll/contracts';
import {
  changesAfter,
  changesBegin,
  findId,
  liveTrials,
  liveWorkers,
  remembers,
  type ChangeNumber,
  type ChangeRow,
} from '@unroll/database';
import type { Response } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Authentication } from '../access/authentication';
import type { Caller } from '../access/caller';
import { SweepsService } from '../sweeps/sweeps.service';
import { seenWithin, workerView } from '../workers/worker-view';
import { ChangeFeed, pollMilliseconds } from './change-feed';
import { LiveStream } from './live-stream';

/** Changes sent per batch. */
const page = 500;
/** Views of sweeps cached for other readers of the same change. */
const keptViews = 100;

type Message = { [Event in LiveEvent]: { event: Event; data: LiveData[Event] } }[LiveEvent];

const formatPosition = ({ xid, sequence }: ChangeNumber): string => `${xid}.${sequence}`;

function parsePosition(text: string): ChangeNumber {
  const [xid = '', sequence = ''] = text.split('.');
  return { xid, sequence };
}

/** Streams the state of sweeps, trials and workers whenever they change. Everything that is sent is read from their rows. */
@Injectable()
export class LiveService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveService.name);
  private readonly feed: ChangeFeed;
  private readonly streams = new Set<LiveStream>();
  private readonly views = new Map<string, Promise<SweepView | undefined>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly sweeps: SweepsService,
    private readonly authentication: Authentication,
  ) {
    this.feed = new ChangeFeed(dataSource);
  }

  /** Opens a stream that lasts until the reader disconnects or the server shuts down. */
  async open(caller: Caller, response: Response, after: string | undefined, sweep?: string): Promise<void> {
    const sweepId = sweep === undefined ? undefined : await findId(this.dataSource, caller.teamId, 'sweeps', sweep);
    const begin = await changesBegin(this.dataSource);
    const isKnown = after !== undefined && (await remembers(this.dataSource, parsePosition(after)));
    const stream = new LiveStream(response);
    this.streams.add(stream);
    const unsubscribe = this.feed.listen(() => stream.wake(), sweepId);
    try {
      if (!isKnown) await stream.send('reset', {}, formatPosition(begin));
      await this.sendChanges(stream, caller, isKnown ? parsePosition(after) : begin, sweepId);
    } finally {
      unsubscribe();
      this.streams.delete(stream);
      stream.end();
    }
  }

  private async sendChanges(
    stream: LiveStream,
    caller: Caller,
    from: ChangeNumber,
    sweepId: string | undefined,
  ): Promise<void> {
    for (let seen = from; !stream.isClosed;) {
      try {
        if (!(await this.authentication.isValid(caller))) return;
        seen = await this.sendChangesAfter(stream, caller.teamId, seen, sweepId);
      } catch (error) {
        // The database is unavailable: changes are read when it is back.
        this.logger.warn({ error: String(error) }, 'could not read changes; retrying');
        stream.wake();
      }
      await sleep(pollMilliseconds, undefined, { signal: stream.closed.signal }).catch(() => undefined);
      await stream.awake();
    }
  }

  /** Sends what has changed, each row once. Only the last event has an id: a reader that is cut off before it gets them all again. */
  private async sendChangesAfter(
    stream: LiveStream,
    teamId: string,
    seen: ChangeNumber,
    sweepId: string | undefined,
  ): Promise<ChangeNumber> {
    const changes = await changesAfter(this.dataSource, seen, page, sweepId === undefined ? { teamId } : { sweepId });
    const last = changes.at(-1);
    if (!last) return seen;
    if (changes.length === page) stream.wake();
    const messages = await this.read(teamId, changes);
    for (const [index, { event, data }] of messages.entries())
      await stream.send(event, data, index === messages.length - 1 ? formatPosition(last) : undefined);
    return { xid: last.xid, sequence: last.sequence };
  }

  private async read(teamId: string, changes: readonly ChangeRow[]): Promise<Message[]> {
    const ids = (kind: ChangeRow['kind']): string[] => [
      ...new Set(changes.filter((change) => change.kind === kind).map(({ id }) => id)),
    ];
    const trials = await liveTrials(this.dataSource, ids('trial'));
    const workers = new Map(
      (await liveWorkers(this.dataSource, teamId, seenWithin, ids('worker'))).map((worker) => [worker.id, worker]),
    );
    // A change of a trial changes its sweep too: its counts, and its best trial.
    const lastChange = new Map(
      changes.flatMap((change) => (change.sweepId === null ? [] : [[change.sweepId, change] as const])),
    );
    const sweeps = await Promise.all(
      [...lastChange].map(async ([id, change]) => (await this.view(id, change)) ?? { id, gone: true as const }),
    );
    return [
      ...trials.map((trial) => ({
        event: 'trial' as const,
        data: { ...trial, value: trial.value === null ? null : toMeasure(Number(trial.value)) },
      })),
      ...ids('worker').map((id) => {
        const worker = workers.get(id);
        return { event: 'worker' as const, data: worker ? workerView(worker) : { id, gone: true as const } };
      }),
      ...sweeps.map((data) => ({ event: 'sweep' as const, data })),
    ];
  }

  /** A sweep as of this change or later; readers of the same change share it. */
  private view(id: string, change: ChangeRow): Promise<SweepView | undefined> {
    const key = `${id} ${formatPosition(change)}`;
    const view = this.views.get(key) ?? this.sweeps.showIfExists(id);
    this.views.delete(key);
    this.views.set(key, view);
    view.catch(() => this.views.delete(key));
    for (const oldest of [...this.views.keys()].slice(0, -keptViews)) this.views.delete(oldest);
    return view;
  }

  /** Open streams would keep the server from shutting down. */
  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.end();
  }
}
