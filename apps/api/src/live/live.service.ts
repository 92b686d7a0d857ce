import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { toMeasure, type LiveData, type LiveEvent, type SweepView } from '@unroll/contracts';
import {
  changesAfter,
  changesBegin,
  findId,
  liveTrials,
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
import { WorkersService } from '../workers/workers.service';
import { ChangeFeed, pollMilliseconds } from './change-feed';
import { eventText, LiveStream } from './live-stream';
import { Slices } from './slices';

/** Changes sent per batch. */
const page = 500;
/** Streams that are written to in one turn of the event loop: some milliseconds. */
const perTurn = 50;
/** Batches, and views of sweeps, kept for other streams at the same place. */
const keptBatches = 50;
const keptViews = 100;

type Message = { [Event in LiveEvent]: { event: Event; data: LiveData[Event] } }[LiveEvent];

/** What has changed after a place, as the bytes of a stream, which are encoded once for all streams. */
interface Batch {
  events: Buffer;
  /** Where the next one begins; undefined if nothing has changed. */
  last: ChangeNumber | undefined;
  /** Whether there is more already. */
  isFull: boolean;
  /** Whether a key was valid after this was read, by its id: what has changed since a key was revoked is not sent to it. */
  valid: Map<string, Promise<boolean>>;
}

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
  private readonly slices = new Slices(perTurn);
  private beginning: Promise<ChangeNumber> | undefined;
  private readonly batches = new Map<string, Promise<Batch>>();
  private readonly views = new Map<string, Promise<SweepView | undefined>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly sweeps: SweepsService,
    private readonly authentication: Authentication,
    private readonly workers: WorkersService,
  ) {
    this.feed = new ChangeFeed(dataSource);
  }

  /** Opens a stream that lasts until the reader disconnects or the server shuts down. */
  async open(caller: Caller, response: Response, after: string | undefined, sweep?: string): Promise<void> {
    const sweepId = sweep === undefined ? undefined : await findId(this.dataSource, caller.teamId, 'sweeps', sweep);
    const begin = await this.begin();
    const isKnown = after !== undefined && (await remembers(this.dataSource, parsePosition(after)));
    const stream = new LiveStream(response);
    this.streams.add(stream);
    const unsubscribe = this.feed.listen(() => stream.wake(), sweepId);
    try {
      if (!isKnown) await stream.send(eventText('reset', {}, formatPosition(begin)));
      await this.sendChanges(stream, caller, isKnown ? parsePosition(after) : begin, sweepId);
    } finally {
      unsubscribe();
      this.streams.delete(stream);
      stream.end();
    }
  }

  /** Where streams that open at about the same time begin. One that begins earlier than it could is sent more than it needs, no less. */
  private begin(): Promise<ChangeNumber> {
    if (this.beginning) return this.beginning;
    const beginning = changesBegin(this.dataSource);
    this.beginning = beginning;
    const forget = (): void => void (this.beginning = undefined);
    beginning.then(() => setTimeout(forget, pollMilliseconds).unref(), forget);
    return beginning;
  }

  private async sendChanges(
    stream: LiveStream,
    caller: Caller,
    from: ChangeNumber,
    sweepId: string | undefined,
  ): Promise<void> {
    for (let seen = from; !stream.isClosed;) {
      try {
        const next = await this.sendChangesAfter(stream, caller, seen, sweepId);
        if (!next) return;
        seen = next;
      } catch (error) {
        // The database is unavailable: changes are read when it is back.
        this.logger.warn({ error: String(error) }, 'could not read changes; retrying');
        stream.wake();
      }
      // The feed wakes a stream after each of its polls. One that woke itself waits as long.
      if (stream.isAwake)
        await sleep(pollMilliseconds, undefined, { signal: stream.closed.signal }).catch(() => undefined);
      await stream.awake();
      await this.slices.take();
    }
  }

  /** Whether a caller's key is still valid, now that a batch has been read; streams of the same key ask once. */
  private isValid(caller: Caller, { valid }: Batch): Promise<boolean> {
    const id = caller.key?.id ?? '';
    const known = valid.get(id);
    if (known) return known;
    const asking = this.authentication.isValid(caller);
    valid.set(id, asking);
    asking.catch(() => valid.delete(id));
    return asking;
  }

  /**
   * Sends what has changed, each row once; returns where to go on, or undefined if the key is no longer valid. Only the last event has an
   * id: a reader that is cut off before it gets them all again.
   */
  private async sendChangesAfter(
    stream: LiveStream,
    caller: Caller,
    seen: ChangeNumber,
    sweepId: string | undefined,
  ): Promise<ChangeNumber | undefined> {
    const batch = await this.batch(caller.teamId, seen, sweepId);
    const { events, last, isFull } = batch;
    if (!last) return seen;
    if (!(await this.isValid(caller, batch))) return undefined;
    if (isFull) stream.wake();
    await stream.send(events);
    return last;
  }

  /**
   * What has changed after a place, for a team. Its streams that wait at the same one share it: 2,000 of them would otherwise read and
   * write the same rows 2,000 times. A batch that was read a moment ago is as good as a new one, since what has changed meanwhile is in a
   * later one.
   */
  private batch(teamId: string, seen: ChangeNumber, sweepId: string | undefined): Promise<Batch> {
    const key = `${teamId} ${sweepId ?? ''} ${formatPosition(seen)}`;
    const known = this.batches.get(key);
    if (known) return known;
    const reading = this.readBatch(teamId, seen, sweepId);
    this.batches.set(key, reading);
    const forget = (): void => void this.batches.delete(key);
    reading.then(({ last }) => last ?? forget(), forget);
    for (const oldest of [...this.batches.keys()].slice(0, -keptBatches)) this.batches.delete(oldest);
    return reading;
  }

  private async readBatch(teamId: string, seen: ChangeNumber, sweepId: string | undefined): Promise<Batch> {
    const changes = await changesAfter(this.dataSource, seen, page, sweepId === undefined ? { teamId } : { sweepId });
    const last = changes.at(-1);
    if (!last) return { events: Buffer.alloc(0), last: undefined, isFull: false, valid: new Map() };
    const messages = await this.read(teamId, changes);
    const events = messages.map(({ event, data }, index) =>
      eventText(event, data, index === messages.length - 1 ? formatPosition(last) : undefined),
    );
    return {
      events: Buffer.from(events.join('')),
      last: { xid: last.xid, sequence: last.sequence },
      isFull: changes.length === page,
      valid: new Map(),
    };
  }

  private async read(teamId: string, changes: readonly ChangeRow[]): Promise<Message[]> {
    const ids = (kind: ChangeRow['kind']): string[] => [
      ...new Set(changes.filter((change) => change.kind === kind).map(({ id }) => id)),
    ];
    const trials = await liveTrials(this.dataSource, ids('trial'));
    const changed = ids('worker');
    // All of them, since a worker's pace depends on that of the others.
    const workers = new Map(
      (changed.length === 0 ? [] : await this.workers.list({ teamId })).map((worker) => [worker.id, worker]),
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
      ...changed.map((id) => ({ event: 'worker' as const, data: workers.get(id) ?? { id, gone: true as const } })),
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
