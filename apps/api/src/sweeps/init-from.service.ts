import { Injectable } from '@nestjs/common';
import {
  initFromProblem,
  mapStrings,
  stringsAt,
  ValidationError,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { findId, Trial, UnknownId } from '@unroll/database';
import { DataSource, In } from 'typeorm';
import type { Caller } from '../access/caller';

const option = 'training.initFrom.trial';

const refusal = (message: string, path: string = option): ValidationError => new ValidationError([{ path, message }]);

/** The trials whose models a sweep's trials start from. */
@Injectable()
export class InitFromService {
  constructor(private readonly dataSource: DataSource) {}

  /** The sweep with full ids for the trials that it names by a prefix or as `last`. @throws ValidationError for one without a model */
  async resolve(caller: Caller, spec: SweepSpec): Promise<SweepSpec> {
    const ofFiles = 'training.initFrom.model';
    if (stringsAt(spec, [ofFiles]).length > 0)
      throw refusal(`a file is for unroll train only; name a trial of this server with ${option}`, ofFiles);
    const trials = stringsAt(spec, [option]);
    if (trials.length === 0) return spec;
    const names = new Map(
      await Promise.all(trials.map(async (name) => [name, await this.find(caller, name)] as const)),
    );
    return mapStrings(spec, [option], (name) => names.get(name) ?? name);
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
