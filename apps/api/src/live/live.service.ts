import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { LiveData, LiveEvent, SweepView } from '@unroll/contracts';
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
import { SweepsService } from '../sweeps/sweeps.service';
import { seenWithin, workerView } from '../workers/worker-view';
import { ChangeFeed, turn } from './change-feed';
import { LiveStream } from './live-stream';

/** Changes that are told at once. */
const page = 500;
/** Views of sweeps that are kept for other readers of the same change. */
const keptViews = 100;

type Told = { [Event in LiveEvent]: { event: Event; data: LiveData[Event] } }[LiveEvent];

const textOf = ({ xid, sequence }: ChangeNumber): string => `${xid}.${sequence}`;

function changeOf(text: string): ChangeNumber {
  const [xid = '', sequence = ''] = text.split('.');
  return { xid, sequence };
}

/** Tells readers how sweeps, trials and workers are, whenever they have changed. All that is told is read from their rows. */
@Injectable()
export class LiveService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LiveService.name);
  private readonly feed: ChangeFeed;
  private readonly streams = new Set<LiveStream>();
  private readonly views = new Map<string, Promise<SweepView | undefined>>();

  constructor(
    private readonly dataSource: DataSource,
    private readonly sweeps: SweepsService,
  ) {
    this.feed = new ChangeFeed(dataSource);
  }

  /** ApiShapeResponse with a stream that lasts until the reader leaves or the server ends. */
  async open(response: Response, after: string | undefined, sweep?: string): Promise<void> {
    const sweepId = sweep === undefined ? undefined : await findId(this.dataSource, 'sweeps', sweep);
    const begin = await changesBegin(this.dataSource);
    const isKnown = after !== undefined && (await remembers(this.dataSource, changeOf(after)));
    const stream = new LiveStream(response);
    this.streams.add(stream);
    const forget = this.feed.listen(() => stream.wake(), sweepId);
    try {
      if (!isKnown) await stream.send('reset', {}, textOf(begin));
      await this.tell(stream, isKnown ? changeOf(after) : begin, sweepId);
    } finally {
      forget();
      this.streams.delete(stream);
      stream.end();
    }
  }

  private async tell(stream: LiveStream, from: ChangeNumber, sweepId: string | undefined): Promise<void> {
    for (let seen = from; !stream.isClosed;) {
      try {
        seen = await this.tellAfter(stream, seen, sweepId);
      } catch (error) {
        // A database that is away is met again; what has changed meanwhile is read then.
        this.logger.warn({ error: String(error) }, 'could not read changes; trying again');
        stream.wake();
      }
      await sleep(turn, undefined, { signal: stream.closed.signal }).catch(() => undefined);
      await stream.awake();
    }
  }

  /** Tells what has changed, each thing once. The last event alone bears a number: who is cut off before it gets them all again. */
  private async tellAfter(stream: LiveStream, seen: ChangeNumber, sweepId: string | undefined): Promise<ChangeNumber> {
    const changes = await changesAfter(this.dataSource, seen, page, sweepId);
    const last = changes.at(-1);
    if (!last) return seen;
    if (changes.length === page) stream.wake();
    const told = await this.read(changes);
    for (const [index, { event, data }] of told.entries())
      await stream.send(event, data, index === told.length - 1 ? textOf(last) : undefined);
    return { xid: last.xid, sequence: last.sequence };
  }

  private async read(changes: readonly ChangeRow[]): Promise<Told[]> {
    const idsOf = (kind: ChangeRow['kind']): string[] => [
      ...new Set(changes.filter((change) => change.kind === kind).map(({ id }) => id)),
    ];
    const trials = await liveTrials(this.dataSource, idsOf('trial'));
    const workers = new Map(
      (await liveWorkers(this.dataSource, seenWithin, idsOf('worker'))).map((worker) => [worker.id, worker]),
    );
    // Counts of trials and the best of them are of their sweep: it changes with each.
    const lastOf = new Map(
      changes.flatMap((change) => (change.sweepId === null ? [] : [[change.sweepId, change] as const])),
    );
    const sweeps = await Promise.all(
      [...lastOf].map(async ([id, change]) => (await this.view(id, change)) ?? { id, gone: true as const }),
    );
    return [
      ...trials.map((data) => ({ event: 'trial' as const, data })),
      ...idsOf('worker').map((id) => {
        const worker = workers.get(id);
        return { event: 'worker' as const, data: worker ? workerView(worker) : { id, gone: true as const } };
      }),
      ...sweeps.map((data) => ({ event: 'sweep' as const, data })),
    ];
  }

  /** How a sweep was at this change or later; readers of the same change share it. */
  private view(id: string, change: ChangeRow): Promise<SweepView | undefined> {
    const key = `${id} ${textOf(change)}`;
    const view = this.views.get(key) ?? this.sweeps.showIfThere(id);
    this.views.delete(key);
    this.views.set(key, view);
    view.catch(() => this.views.delete(key));
    for (const oldest of [...this.views.keys()].slice(0, -keptViews)) this.views.delete(oldest);
    return view;
  }

  /** Readers would keep the server from ending. */
  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.end();
  }
}
