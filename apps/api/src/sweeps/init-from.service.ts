import { Injectable } from '@nestjs/common';
import { initFromProblem, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { findId, Trial, UnknownId } from '@unroll/database';
import { initFromNames, withInitFrom } from '@unroll/search';
import { DataSource, In } from 'typeorm';
import type { Caller } from '../access/caller';

const refusal = (message: string): ValidationError =>
  new ValidationError([{ path: 'training.initFrom.trial', message }]);

/** The trials whose models a sweep's trials start from. */
@Injectable()
export class InitFromService {
  constructor(private readonly dataSource: DataSource) {}

  /** The sweep with full ids for the trials that it names by a prefix or as `last`. @throws ValidationError for one without a model */
  async resolve(caller: Caller, spec: SweepSpec): Promise<SweepSpec> {
    const { trials, models } = initFromNames(spec);
    if (models.length > 0)
      throw new ValidationError([
        {
          path: 'training.initFrom.model',
          message: 'a file is for unroll train only; name a trial of this server with training.initFrom.trial',
        },
      ]);
    if (trials.length === 0) return spec;
    const names = new Map(
      await Promise.all(trials.map(async (name) => [name, await this.find(caller, name)] as const)),
    );
    return withInitFrom(spec, names);
  }

  /** @throws ValidationError if a trial does not fit the model that it starts from */
  async requireFitting(specs: readonly TrialSpec[]): Promise<void> {
    const starting = specs.filter(({ training: { initFrom } }) => initFrom?.trial !== undefined);
    if (starting.length === 0) return;
    const ids = [...new Set(starting.map(({ training }) => training.initFrom!.trial!))];
    const rows = await this.dataSource.getRepository(Trial).findBy({ id: In(ids) });
    const byId = new Map(rows.map(({ id, spec }) => [id, spec]));
    for (const spec of starting) {
      const problem = initFromProblem(spec, byId.get(spec.training.initFrom!.trial!)!);
      if (problem) throw new ValidationError([problem]);
    }
  }

  private async find(caller: Caller, name: string): Promise<string> {
    const id = await findId(this.dataSource, caller.teamId, 'trials', name).catch((error: unknown) => {
      throw error instanceof UnknownId ? refusal(error.message) : error;
    });
    const { state, model } = await this.dataSource.getRepository(Trial).findOneByOrFail({ id });
    if (model === null) throw refusal(`trial ${id} is ${state} and has no model; name a completed one`);
    return id;
  }
}
