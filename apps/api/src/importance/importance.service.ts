import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Importance, SweepSpec } from '@unroll/contracts';
import { countFinished, findId, finishedOutcomes, Sweep } from '@unroll/database';
import { importanceProblem, type ParameterImportance } from '@unroll/search';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { SearchThreads } from '../search/search-threads';

/** Most configurations that importances are computed from: more change little and take longer. */
const mostOutcomes = 2_000;
/** Sweeps whose last result is cached. */
const kept = 100;
const method = 'functional ANOVA on a random forest';

interface Known {
  trials: number;
  result: ParameterImportance;
}

/** Hyperparameter importances, computed in a thread, one sweep at a time, and cached until more trials of the sweep have finished. */
@Injectable()
export class ImportanceService implements BeforeApplicationShutdown {
  private readonly logger = new Logger(ImportanceService.name);
  private readonly known = new Map<string, Known>();
  private readonly failed = new Map<string, { trials: number; why: string }>();
  private readonly computing = new Set<string>();
  private queue: Promise<void> = Promise.resolve();
  private stopping = false;

  constructor(
    private readonly dataSource: DataSource,
    private readonly threads: SearchThreads,
  ) {}

  /** The importances computed last, even while new ones are being computed; `computing` if there are none yet. */
  async show(caller: Caller, prefix: string): Promise<Importance> {
    const id = await findId(this.dataSource, caller.teamId, 'sweeps', prefix);
    const { spec } = await this.dataSource.getRepository(Sweep).findOneByOrFail({ id });
    const trials = await countFinished(this.dataSource, id);
    const failed = this.failed.get(id);
    const why = importanceProblem(spec, trials) ?? (failed?.trials === trials ? failed.why : undefined);
    const nothing = { method, trials, items: [], interactions: [] };
    if (why !== undefined) return { state: 'impossible', why, ...nothing };
    const known = this.known.get(id);
    if (known?.trials !== trials) this.begin(id, spec, trials);
    return known
      ? { state: 'ready', why: null, method, trials: known.trials, ...known.result }
      : { state: 'computing', why: null, ...nothing };
  }

  private begin(id: string, spec: SweepSpec, trials: number): void {
    if (this.computing.has(id) || this.stopping) return;
    this.computing.add(id);
    this.queue = this.queue
      .then(() => (this.stopping ? undefined : this.compute(id, spec, trials)))
      .catch((error: unknown) => {
        this.logger.error({ error: String(error) }, 'could not compute importances');
        this.failed.set(id, { trials, why: 'it could not be computed; the log of the API has the details' });
      })
      .finally(() => void this.computing.delete(id));
  }

  private async compute(id: string, spec: SweepSpec, trials: number): Promise<void> {
    const outcomes = await finishedOutcomes(this.dataSource, id, trials, mostOutcomes);
    const result = await this.threads.background('importance', { spec, outcomes });
    this.known.delete(id);
    this.known.set(id, { trials, result });
    this.failed.delete(id);
    for (const oldest of [...this.known.keys()].slice(0, -kept)) this.known.delete(oldest);
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }
}
