import { HttpStatus, Injectable } from '@nestjs/common';
import {
  isStudyTrial,
  limits,
  toMeasure,
  type AliasBody,
  type ModelVersionView,
  type Page,
  type PageQuery,
  type RegisteredModel,
  type VersionBody,
} from '@unroll/contracts';
import {
  findId,
  ModelAliasRow,
  ModelVersionRow,
  RegisteredModelRow,
  registeredVersions,
  Trial,
  violated,
  type RegisteredVersion,
} from '@unroll/database';
import { DataSource, IsNull, MoreThan, type EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { fromCursor, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';

const conflict = (message: string): ProblemException => new ProblemException(HttpStatus.CONFLICT, message);
const missing = (message: string): ProblemException => new ProblemException(HttpStatus.NOT_FOUND, message);
const quoted = (name: string): string => JSON.stringify(name.slice(0, 64));
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= 64;

/** Registered models: names with versions, which are models of trials, and aliases that point at them. */
@Injectable()
export class ModelsService {
  constructor(private readonly dataSource: DataSource) {}

  /** By name. */
  async list({ teamId }: Caller, { limit, cursor }: PageQuery): Promise<Page<RegisteredModel>> {
    const after = fromCursor(cursor, isName);
    const rows = await this.dataSource.getRepository(RegisteredModelRow).find({
      where: { teamId, deletedAt: IsNull(), ...(after === undefined ? {} : { name: MoreThan(after) }) },
      order: { name: 'ASC' },
      take: limit + 1,
    });
    const views = await this.views(teamId, rows);
    return toPage(
      rows,
      limit,
      ({ name }) => views.get(name)!,
      ({ name }) => name,
    );
  }

  async show({ teamId }: Caller, name: string): Promise<RegisteredModel> {
    const row = await this.dataSource
      .getRepository(RegisteredModelRow)
      .findOneBy({ teamId, name, deletedAt: IsNull() });
    if (!row) throw missing(`there is no registered model ${quoted(name)}`);
    return (await this.views(teamId, [row])).get(name)!;
  }

  /** Registers the model of a trial as the next version of a name, which may be new. */
  async register(caller: Caller, name: string, { trial, note, aliases }: VersionBody): Promise<ModelVersionView> {
    const { teamId } = caller;
    const trialId = await findId(this.dataSource, teamId, 'trials', trial);
    const version = await this.dataSource.transaction(async (manager) => {
      // Locked, so that its sweep is not deleted meanwhile.
      const row = await manager.findOneOrFail(Trial, {
        where: { id: trialId },
        lock: { mode: 'for_key_share' },
      });
      if (isStudyTrial(row)) throw conflict(`trial ${trialId} is of a study, which keeps no model`);
      if (row.model === null) throw conflict(`trial ${trialId} is ${row.state} and has no model`);
      const number = await this.nextVersion(manager, teamId, name);
      await manager.insert(ModelVersionRow, { teamId, name, version: number, trialId, note, author: caller.member });
      for (const alias of aliases) await this.point(manager, teamId, name, { alias, version: number });
      return number;
    });
    const { versions } = await this.show(caller, name);
    return versions.find((each) => each.version === version)!;
  }

  /** Points an alias at a version: whoever reads it sees the old version or the new one. */
  async setAlias(caller: Caller, name: string, body: AliasBody): Promise<RegisteredModel> {
    await this.show(caller, name);
    await this.dataSource.transaction((manager) => this.point(manager, caller.teamId, name, body));
    return this.show(caller, name);
  }

  async removeAlias({ teamId }: Caller, name: string, alias: string): Promise<void> {
    const { affected } = await this.dataSource.getRepository(ModelAliasRow).delete({ teamId, name, alias });
    if (!affected) throw missing(`the model ${quoted(name)} has no alias ${quoted(alias)}`);
  }

  async removeVersion(caller: Caller, name: string, given: string): Promise<void> {
    const version = /^\d{1,9}$/.test(given) ? Number(given) : 0;
    await this.unlessAliased(
      caller,
      name,
      async () => {
        const own = { teamId: caller.teamId, name, version };
        const { affected } = await this.dataSource.getRepository(ModelVersionRow).delete(own);
        if (!affected) throw missing(`the model ${quoted(name)} has no version ${quoted(given)}`);
      },
      version,
    );
  }

  /**
   * Deletes a name with its versions. Its row stays, with the last number, so that a version never comes to mean another network.
   * Of a team's deleted names the last are kept, as many as it may have names.
   */
  async remove(caller: Caller, name: string): Promise<void> {
    const own = { teamId: caller.teamId, name };
    await this.unlessAliased(caller, name, () =>
      this.dataSource.transaction(async (manager) => {
        const there = { ...own, deletedAt: IsNull() };
        const { affected } = await manager.update(RegisteredModelRow, there, { deletedAt: () => 'clock_timestamp()' });
        if (!affected) throw missing(`there is no registered model ${quoted(name)}`);
        await manager.delete(ModelVersionRow, own);
        await manager.query(
          `delete from registered_models where team_id = $1 and deleted_at is not null and name = any(array(
             select name from registered_models where team_id = $1 and deleted_at is not null order by deleted_at desc offset $2))`,
          [caller.teamId, limits.models],
        );
      }),
    );
  }

  /** Deletes something of a model. @throws ProblemException while an alias points at it */
  private async unlessAliased(
    caller: Caller,
    name: string,
    work: () => Promise<void>,
    version?: number,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (violated(error) !== 'model_aliases_version') throw error;
      const { versions } = await this.show(caller, name);
      const aliases = versions.flatMap((each) =>
        version === undefined || each.version === version ? each.aliases : [],
      );
      throw conflict(`the alias ${aliases.join(', ')} points at it: move or delete that first`);
    }
  }

  /**
   * The next number of a name, whose row stays locked: two that register at once get one after the other. A name that was deleted is there
   * again, by a trigger, and goes on where it was.
   */
  private async nextVersion(manager: EntityManager, teamId: string, name: string): Promise<number> {
    const [{ version }] = await manager.query<[{ version: number }]>(
      `insert into registered_models as own (team_id, name, last_version) values ($1, $2, 1)
       on conflict (team_id, name) do update set last_version = own.last_version + 1
       returning last_version as version`,
      [teamId, name],
    );
    if (version > limits.modelVersions)
      throw conflict(`the model ${quoted(name)} has had ${limits.modelVersions} versions: register under another name`);
    if ((await manager.countBy(RegisteredModelRow, { teamId, deletedAt: IsNull() })) > limits.models)
      throw conflict(`at most ${limits.models} models can be registered: delete some first`);
    return version;
  }

  private async point(
    manager: EntityManager,
    teamId: string,
    name: string,
    { alias, version }: AliasBody,
  ): Promise<void> {
    try {
      await manager.query(
        `insert into model_aliases (team_id, name, alias, version) values ($1, $2, $3, $4)
         on conflict (team_id, name, alias) do update set version = excluded.version`,
        [teamId, name, alias, version],
      );
    } catch (error) {
      if (violated(error) !== 'model_aliases_version') throw error;
      throw missing(`the model ${quoted(name)} has no version ${version}`);
    }
    if ((await manager.countBy(ModelAliasRow, { teamId, name })) > limits.modelAliases)
      throw conflict(`a model has at most ${limits.modelAliases} aliases: delete one first`);
  }

  private async views(teamId: string, rows: readonly RegisteredModelRow[]): Promise<Map<string, RegisteredModel>> {
    const all = await registeredVersions(
      this.dataSource,
      teamId,
      rows.map(({ name }) => name),
    );
    return new Map(
      rows.map(({ name, createdAt }) => {
        const versions = all.filter((each) => each.name === name).map(versionView);
        return [name, { name, createdAt: createdAt.toISOString(), versions }];
      }),
    );
  }
}

const versionView = ({ name: _, objective, value, createdAt, ...own }: RegisteredVersion): ModelVersionView => ({
  ...own,
  metric: objective.metric,
  value: value === null ? null : toMeasure(value),
  createdAt: createdAt.toISOString(),
});
