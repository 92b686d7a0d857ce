import { Injectable } from '@nestjs/common';
import { initFromProblem, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { findId, Trial, UnknownId } from '@unroll/database';
import { initFromNames, withInitFrom } from '@unroll/search';
import { DataSource, In } from 'typeorm';

const refusal = (message: string): ValidationError =>
  new ValidationError([{ path: 'training.initFrom.trial', message }]);

/** The trials that a sweep's own begin with. */
@Injectable()
export class InitFromService {
  constructor(private readonly dataSource: DataSource) {}

  /** The sweep with whole ids of the trials that it names by a part, or as `last`. @throws ValidationError for one without a model */
  async resolve(spec: SweepSpec): Promise<SweepSpec> {
    const { trials, models } = initFromNames(spec);
    if (models.length > 0)
      throw new ValidationError([
        {
          path: 'training.initFrom.model',
          message: 'a file is for unroll train alone; give trial for one of this service',
        },
      ]);
    if (trials.length === 0) return spec;
    const names = new Map(await Promise.all(trials.map(async (name) => [name, await this.find(name)] as const)));
    return withInitFrom(spec, names);
  }

  /** @throws ValidationError where one of the trials does not fit the one that it begins with */
  async requireFitting(specs: readonly TrialSpec[]): Promise<void> {
    const begun = specs.flatMap((spec) => (spec.training.initFrom ? [spec] : []));
    if (begun.length === 0) return;
    const ids = [...new Set(begun.map(({ training }) => training.initFrom!.trial!))];
    const rows = await this.dataSource.getRepository(Trial).findBy({ id: In(ids) });
    const byId = new Map(rows.map(({ id, spec }) => [id, spec]));
    for (const spec of begun) {
      const problem = initFromProblem(spec, byId.get(spec.training.initFrom!.trial!)!);
      if (problem) throw new ValidationError([problem]);
    }
  }

  private async find(name: string): Promise<string> {
    const id = await findId(this.dataSource, 'trials', name).catch((error: unknown) => {
      throw error instanceof UnknownId ? refusal(error.message) : error;
    });
    const { state, model } = await this.dataSource.getRepository(Trial).findOneByOrFail({ id });
    if (model === null) throw refusal(`trial ${id} is ${state} and has no model; name a completed one`);
    return id;
  }
}
