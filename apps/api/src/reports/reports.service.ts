import { HttpStatus, Injectable } from '@nestjs/common';
import {
  chartOf,
  limits,
  reportParts,
  type LinkTarget,
  type Page,
  type ReportBody,
  type ReportChange,
  type ReportsQuery,
  type ReportSummary,
  type TeamReport,
} from '@unroll/contracts';
import { findId, newId, ReportRow } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { BoardsService } from '../boards/boards.service';
import { fromCursor, isTime, toPage } from '../http/cursor';
import { ProblemException } from '../http/problem';

const isPosition = (value: unknown): value is [string, string] =>
  Array.isArray(value) && value.length === 2 && isTime(value[0]) && /^[a-z0-9]+$/.test(String(value[1]));

/** A team's reports. They belong to the team: each of its submitters may change them. */
@Injectable()
export class ReportsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly boards: BoardsService,
  ) {}

  async create(caller: Caller, { title, text }: ReportBody): Promise<TeamReport> {
    const { teamId, member: author } = caller;
    await this.check(caller, text);
    const rows = this.dataSource.getRepository(ReportRow);
    if ((await rows.countBy({ teamId })) >= limits.reports)
      throw new ProblemException(HttpStatus.CONFLICT, `a team has at most ${limits.reports} reports`);
    const id = newId();
    await rows.insert({ id, teamId, title, text, author });
    return teamReport(await rows.findOneByOrFail({ id }));
  }

  /** Newest first, without their texts. */
  async list({ teamId }: Caller, { limit, cursor, archived }: ReportsQuery): Promise<Page<ReportSummary>> {
    const position = fromCursor(cursor, isPosition);
    const query = this.dataSource
      .getRepository(ReportRow)
      .createQueryBuilder('report')
      .where('report.team_id = :teamId and report.archived = :archived', { teamId, archived })
      .orderBy('report.createdAt', 'DESC')
      .addOrderBy('report.id', 'DESC');
    if (position)
      query.andWhere('(report.created_at, report.id) < (:at::timestamptz, :id)', { at: position[0], id: position[1] });
    const rows = await query.take(limit + 1).getMany();
    return toPage(rows, limit, summary, ({ createdAt, id }) => [createdAt.toISOString(), id]);
  }

  async show({ teamId }: Caller, prefix: string): Promise<TeamReport> {
    const id = await findId(this.dataSource, teamId, 'reports', prefix);
    return teamReport(await this.dataSource.getRepository(ReportRow).findOneByOrFail({ id }));
  }

  /** @throws ProblemException (409) if someone has saved another version than the one that the change is of */
  async change(caller: Caller, prefix: string, { version, ...change }: ReportChange): Promise<TeamReport> {
    const id = await findId(this.dataSource, caller.teamId, 'reports', prefix);
    if (change.text !== undefined) await this.check(caller, change.text);
    const rows = this.dataSource.getRepository(ReportRow);
    const { affected } = await rows.update(version === undefined ? { id } : { id, version }, {
      ...change,
      editor: caller.member,
      editedAt: () => 'clock_timestamp()',
      version: () => 'version + 1',
    });
    const row = await rows.findOneByOrFail({ id });
    if (affected) return teamReport(row);
    throw new ProblemException(
      HttpStatus.CONFLICT,
      `${row.editor ?? row.author} has saved version ${row.version} of this report since version ${version} was read: take over what they changed, then save it as a change of version ${row.version}`,
    );
  }

  /** That the team has what each chart of a text shows. @throws ProblemException (422) */
  private async check(caller: Caller, text: string): Promise<void> {
    for (const part of reportParts(text)) {
      if (part.kind === 'text') continue;
      const { of } = chartOf(part.address)!;
      if (await this.has(caller, of)) continue;
      const problem = `line ${part.line}: no ${of.kind} ${of.target.slice(0, 40)}: copy the address of its page`;
      throw new ProblemException(HttpStatus.UNPROCESSABLE_ENTITY, `text: ${problem}`, [
        { path: 'text', message: problem },
      ]);
    }
  }

  private async has(caller: Caller, { kind, target, metric }: LinkTarget): Promise<boolean> {
    if (kind === 'board')
      return this.boards.teamBoard(caller, { board: target, metric: metric!, dataset: undefined }).then(
        () => true,
        (error: unknown) => {
          if (error instanceof ProblemException) return false;
          throw error;
        },
      );
    const [row] = await this.dataSource.query<{ id: string }[]>(
      kind === 'sweep'
        ? 'select id from sweeps where id = $1 and team_id = $2'
        : 'select trials.id from trials join sweeps on sweeps.id = sweep_id where trials.id = $1 and team_id = $2',
      [target, caller.teamId],
    );
    return row !== undefined;
  }
}

const summary = ({ id, title, author, createdAt, editor, editedAt, version, archived }: ReportRow): ReportSummary => ({
  ...{ id, title, author, createdAt: createdAt.toISOString() },
  ...{ editor, editedAt: editedAt?.toISOString() ?? null, version, archived },
});

const teamReport = (row: ReportRow): TeamReport => ({ ...summary(row), text: row.text });
