import { HttpStatus, Injectable } from '@nestjs/common';
import { limits, type Page, type PageQuery, type SavedView, type ViewBody } from '@unroll/contracts';
import { findId, newId, SavedViewRow } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { fromCursor, isTime, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';

/** Pages of the dashboard saved by name: a page's path contains its filters. */
@Injectable()
export class ViewsService {
  constructor(private readonly dataSource: DataSource) {}

  async save(caller: Caller, { name, path }: ViewBody): Promise<SavedView> {
    const views = this.dataSource.getRepository(SavedViewRow);
    if ((await views.countBy({ teamId: caller.teamId })) >= limits.views)
      throw new ProblemException(HttpStatus.CONFLICT, `at most ${limits.views} views can be saved: delete some first`);
    const id = newId();
    await views.insert({ teamId: caller.teamId, id, name, path });
    return this.show(caller, id);
  }

  /** Newest first. */
  async list(caller: Caller, { limit, cursor }: PageQuery): Promise<Page<SavedView>> {
    const isPosition = (value: unknown): value is [string, string] =>
      Array.isArray(value) && value.length === 2 && isTime(value[0]) && /^[a-z0-9]+$/.test(String(value[1]));
    const position = fromCursor(cursor, isPosition);
    const query = this.dataSource
      .getRepository(SavedViewRow)
      .createQueryBuilder('view')
      .where('view.team_id = :team', { team: caller.teamId })
      .orderBy('view.createdAt', 'DESC')
      .addOrderBy('view.id', 'DESC');
    if (position)
      query.andWhere('(view.created_at, view.id) < (:at::timestamptz, :id)', { at: position[0], id: position[1] });
    const rows = await query.take(limit + 1).getMany();
    return toPage(rows, limit, savedView, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  }

  async show(caller: Caller, prefix: string): Promise<SavedView> {
    const id = await findId(this.dataSource, caller.teamId, 'views', prefix);
    return savedView(await this.dataSource.getRepository(SavedViewRow).findOneByOrFail({ id }));
  }

  async remove(caller: Caller, prefix: string): Promise<void> {
    const id = await findId(this.dataSource, caller.teamId, 'views', prefix);
    await this.dataSource.getRepository(SavedViewRow).delete({ id });
  }
}

const savedView = ({ id, name, path, createdAt }: SavedViewRow): SavedView => {
  return { id, name, path, createdAt: createdAt.toISOString() };
};
