import { HttpStatus, Injectable } from '@nestjs/common';
import { limits, type DiaryBody, type DiaryEntry, type Page, type PageQuery } from '@unroll/contracts';
import { DiaryRow, findId, newId } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { fromCursor, isTime, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';

const isPosition = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && isTime(value[0]) && /^[a-z0-9]+$/.test(String(value[1]));

/** What a team has tried, found and decided. */
@Injectable()
export class DiaryService {
  constructor(private readonly dataSource: DataSource) {}

  async write({ teamId, member }: Caller, { text }: DiaryBody): Promise<DiaryEntry> {
    const rows = this.dataSource.getRepository(DiaryRow);
    if ((await rows.countBy({ teamId })) >= limits.diaryEntries)
      throw new ProblemException(
        HttpStatus.CONFLICT,
        `a diary has at most ${limits.diaryEntries} entries: delete some`,
      );
    const id = newId();
    await rows.insert({ id, teamId, author: member, text });
    return diaryEntry(await rows.findOneByOrFail({ id }));
  }

  /** Newest first. */
  async list({ teamId }: Caller, { limit, cursor }: PageQuery): Promise<Page<DiaryEntry>> {
    const position = fromCursor(cursor, isPosition);
    const query = this.dataSource
      .getRepository(DiaryRow)
      .createQueryBuilder('entry')
      .where('entry.team_id = :teamId', { teamId })
      .orderBy('entry.createdAt', 'DESC')
      .addOrderBy('entry.id', 'DESC');
    if (position)
      query.andWhere('(entry.created_at, entry.id) < (:at::timestamptz, :id)', { at: position[0], id: position[1] });
    const rows = await query.take(limit + 1).getMany();
    return toPage(rows, limit, diaryEntry, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  }

  async edit(caller: Caller, prefix: string, { text }: DiaryBody): Promise<DiaryEntry> {
    const { id } = await this.own(caller, prefix);
    const rows = this.dataSource.getRepository(DiaryRow);
    await rows.update({ id }, { text, editedAt: () => 'clock_timestamp()' });
    return diaryEntry(await rows.findOneByOrFail({ id }));
  }

  async remove(caller: Caller, prefix: string): Promise<void> {
    const { id } = await this.own(caller, prefix);
    await this.dataSource.getRepository(DiaryRow).delete({ id });
  }

  /** An entry that the caller may change. @throws ProblemException (403) for that of another member */
  private async own({ teamId, member, role }: Caller, prefix: string): Promise<DiaryRow> {
    const id = await findId(this.dataSource, teamId, 'diary', prefix);
    const row = await this.dataSource.getRepository(DiaryRow).findOneByOrFail({ id });
    if (row.author === member || role === 'admin') return row;
    throw new ProblemException(
      HttpStatus.FORBIDDEN,
      `${row.author} wrote this entry: only they or an admin may change it`,
    );
  }
}

const diaryEntry = ({ id, author, text, createdAt, editedAt }: DiaryRow): DiaryEntry => ({
  ...{ id, author, text, createdAt: createdAt.toISOString(), editedAt: editedAt?.toISOString() ?? null },
});
