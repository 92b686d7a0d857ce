import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import type { ArtifactStore } from '@unroll/artifacts';
import type {
  Front,
  PageQuery,
  Replay,
  Rungs,
  SweepDetails,
  SweepPage,
  SweepsQuery,
  SweepView,
} from '@unroll/contracts';
import {
  cancelSweep,
  deleteSweep,
  findId,
  namedCheckpoints,
  pauseSweep,
  resumeSweep,
  Sweep,
  violated,
  type Deleted,
} from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';
import { ProblemException } from '../http/problem';
import { SchedulerService } from '../scheduler/scheduler.service';
import { SearchThreads } from '../search/search-threads';
import { readFront } from './front';
import { replaySweep } from './replay';
import { requireState } from './require-state';
import { summarizeRungs } from './rungs';
import { listSweeps } from './sweep-list';
import { sweepViews } from './sweep-views';

/** Sweeps that were submitted: what they are, whether they go on, and their results. */
@Injectable()
export class SweepsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly scheduler: SchedulerService,
    private readonly threads: SearchThreads,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  /** The team's sweeps that match, with how many there are. */
  list({ teamId }: Caller, query: SweepsQuery): Promise<SweepPage> {
    return listSweeps(this.dataSource, teamId, query);
  }

  /** Changes its name, note, tags or priority, or archives it: whatever its state. */
  async describe(caller: Caller, prefix: string, { archived, ...words }: SweepDetails): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    if (words.priority !== undefined)
      await this.dataSource.query('select add_shares(team_id, owner, $2) from sweeps where id = $1', [
        id,
        words.priority,
      ]);
    const archivedAt = archived === undefined ? {} : { archivedAt: archived ? () => 'clock_timestamp()' : null };
    await this.dataSource.getRepository(Sweep).update({ id }, { ...words, ...archivedAt });
    return this.show(caller, id);
  }

  async show(caller: Caller, prefix: string): Promise<SweepView> {
    return this.view(await this.find(caller, prefix));
  }

  /** A sweep by its full id; undefined if it was deleted. */
  async showIfExists(id: string): Promise<SweepView | undefined> {
    const sweep = await this.dataSource.getRepository(Sweep).findOneBy({ id });
    return sweep ? this.view(sweep) : undefined;
  }

  private async view(sweep: Sweep): Promise<SweepView> {
    return (await sweepViews(this.dataSource, [sweep]))[0]!;
  }

  async cancel(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const before = await cancelSweep(this.dataSource, id);
    requireState(before, ['running', 'paused', 'cancelled'], 'can no longer be cancelled');
    return this.show(caller, id);
  }

  async pause(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    requireState(await pauseSweep(this.dataSource, id), ['running', 'paused'], 'can no longer be paused');
    return this.show(caller, id);
  }

  async resume(caller: Caller, prefix: string): Promise<SweepView> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const before = await resumeSweep(this.dataSource, id);
    requireState(before, ['running', 'paused'], 'cannot be resumed: only a paused sweep can');
    this.scheduler.wake();
    return this.show(caller, id);
  }

  async remove(caller: Caller, prefix: string): Promise<void> {
    const { state, kept } = await this.delete(await findId(this.dataSource, caller.teamId, 'sweeps', prefix));
    if (state === 'running' || state === 'paused')
      throw new ProblemException(HttpStatus.CONFLICT, `the sweep is ${state}: cancel it before deleting it`);
    // A reused trial shares the model of another sweep's.
    const { named } = await namedCheckpoints(this.dataSource.manager, kept, []);
    for (const name of kept) if (!named.has(name)) await this.store.remove(name);
  }

  /** @throws ProblemException while the model of one of its trials is registered */
  private async delete(id: string): Promise<Deleted> {
    try {
      return await deleteSweep(this.dataSource, id);
    } catch (error) {
      if (violated(error) !== 'model_versions_trial') throw error;
      throw new ProblemException(
        HttpStatus.CONFLICT,
        'the model of one of its trials is registered: delete that version first, see GET /v1/models',
      );
    }
  }

  async front(caller: Caller, prefix: string, query: PageQuery): Promise<Front> {
    return readFront(this.dataSource, await this.find(caller, prefix), query);
  }

  async rungs(caller: Caller, prefix: string): Promise<Rungs> {
    return summarizeRungs(this.dataSource, await this.find(caller, prefix));
  }

  async replay(caller: Caller, prefix: string): Promise<Replay> {
    return replaySweep(this.dataSource, this.threads, await this.find(caller, prefix));
  }

  private async find(caller: Caller, prefix: string): Promise<Sweep> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    return this.dataSource.getRepository(Sweep).findOneByOrFail({ id });
  }
}
