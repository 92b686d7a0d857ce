import { HttpStatus, Injectable } from '@nestjs/common';
import {
  isStudy,
  sweepSpec,
  validate,
  type EditBody,
  type ExtendBody,
  type SweepState,
  type SweepView,
} from '@unroll/contracts';
import { extendSweep, findId, lockSweep, Sweep, whyItWouldEnd } from '@unroll/database';
import { countSeeds, settled, shortHash, type SweepSize } from '@unroll/search';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { NamedFilesService } from '../datasets/named-files.service';
import { ProblemException } from '../http/problem';
import { SchedulerService } from '../scheduler/scheduler.service';
import { SearchThreads } from '../search/search-threads';
import { spentBudget } from '../trials/spent-budget';
import { applyEdit, pointsLeft } from './edit';
import { earlierCreation } from './idempotency';
import { InitFromService } from './init-from.service';
import { keptAlive } from './kept-alive';
import { requireState } from './require-state';
import { SweepsService } from './sweeps.service';

/** A request that changes a sweep: its route, of which `path` follows the id, and what it says. */
interface SweepChange {
  method: 'POST' | 'PATCH';
  path: string;
  body: unknown;
  key: string | undefined;
}

/** The size of an edited sweep with more configurations: earlier ones may be outside of its space. */
async function longerSize(
  manager: EntityManager,
  threads: SearchThreads,
  sweep: Sweep,
  more: number,
): Promise<SweepSize> {
  const seeds = countSeeds(sweep.spec);
  const left = await pointsLeft(manager, threads, sweep);
  const open = sweep.configurations - sweep.proposed / seeds + more;
  const configurations = sweep.proposed / seeds + Math.min(open, left);
  const size = { configurations, seeds, trials: configurations * seeds };
  return open > left
    ? { ...size, limit: `${left} of ${open} further configurations: the space has no more points` }
    : size;
}

/** Changes of what a sweep searches, and how much. */
@Injectable()
export class SweepChangesService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly initFrom: InitFromService,
    private readonly files: NamedFilesService,
    private readonly scheduler: SchedulerService,
    private readonly threads: SearchThreads,
    private readonly sweeps: SweepsService,
  ) {}

  /** Adds configurations. Requests with the same key and body add them once. */
  extend(caller: Caller, prefix: string, body: ExtendBody, key: string | undefined): Promise<SweepView> {
    const request = { method: 'POST', path: '/extend', body, key } as const;
    return this.once(caller, prefix, request, async (manager, id, state) => {
      requireState(state, ['running', 'paused', 'completed'], 'cannot be extended');
      const spent = state === 'completed' ? await whyItWouldEnd(manager, id) : undefined;
      if (spent !== undefined) throw spentBudget(spent);
      const sweep = await manager.findOneByOrFail(Sweep, { id });
      const { spec, configurations } = sweep;
      if (spec.search.algorithm === 'grid')
        throw new ProblemException(
          HttpStatus.CONFLICT,
          'a grid search is complete after all combinations: submit a new sweep instead',
        );
      const { trials } = body;
      const longer = { ...spec, search: { ...spec.search, trials: configurations + trials } };
      const size = await (sweep.edits === 0
        ? keptAlive(manager, this.threads.answer('extendedSize', { spec, configurations, trials }))
        : longerSize(manager, this.threads, sweep, trials));
      if (size.configurations <= configurations)
        throw new ProblemException(
          HttpStatus.CONFLICT,
          `the space has ${size.configurations} points, and the sweep has tried all of them`,
        );
      await extendSweep(manager, { id, state }, longer, size);
      if (size.limit !== undefined) await manager.update(Sweep, { id }, { message: size.limit });
    });
  }

  /** Changes what a running or paused sweep searches. Requests with the same key and body change it once. */
  edit(caller: Caller, prefix: string, changes: EditBody, key: string | undefined): Promise<SweepView> {
    const request = { method: 'PATCH', path: '', body: changes, key } as const;
    return this.once(caller, prefix, request, async (manager, id, state) => {
      requireState(state, ['running', 'paused'], 'cannot be edited: submit a new sweep, with this one in search.from');
      const sweep = await manager.findOneByOrFail(Sweep, { id });
      if (isStudy(sweep.spec))
        throw new ProblemException(
          HttpStatus.CONFLICT,
          'a study cannot be edited: create another, with this one in search.from',
        );
      const given = await this.initFrom.resolve(caller, validate(sweepSpec, { ...sweep.spec, ...changes }));
      const drawn = await applyEdit(manager, this.threads, sweep, settled(given));
      // A name that was given to it since stays, unless the edit names it.
      if (changes.name !== undefined) await manager.update(Sweep, { id }, { name: given.name });
      const { ahead } = await keptAlive(manager, this.files.check(caller, given, drawn));
      await keptAlive(manager, this.initFrom.requireFitting(ahead));
    });
  }

  /** Changes a sweep in a transaction that holds its row; once for requests with the same key and body. */
  private async once(
    caller: Caller,
    prefix: string,
    { method, path, body, key }: SweepChange,
    change: (manager: EntityManager, id: string, state: SweepState | undefined) => Promise<void>,
  ): Promise<SweepView> {
    const { teamId } = caller;
    const id = await findId(this.dataSource, teamId, 'sweeps', prefix);
    const creation = { teamId, route: `${method} /v1/sweeps/${id}${path}`, key, bodyHash: shortHash(body), id };
    await this.dataSource.transaction(async (manager) => {
      const state = await lockSweep(manager, id);
      if ((await earlierCreation(manager, creation)) === undefined) await change(manager, id, state);
    });
    this.scheduler.wake();
    return this.sweeps.show(caller, id);
  }
}
