import { HttpStatus, Injectable } from '@nestjs/common';
import { limits, type CreatedLink, type LinkBody, type LinkTarget, type LinkView, type Page } from '@unroll/contracts';
import { findId, newId, ReadingLink } from '@unroll/database';
import { DataSource, MoreThan } from 'typeorm';
import type { Caller } from '../access/caller';
import { newLinkToken } from '../access/token';
import { BoardsService } from '../boards/boards.service';
import { ProblemException } from '../http/problem';
import { shorterLife } from '../team/keys.service';

/** Seconds that a link is valid unless it says otherwise. */
const standardSeconds = 30 * 86_400;

@Injectable()
export class LinksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly boards: BoardsService,
  ) {}

  /** The valid links of the team, newest first. */
  async list({ teamId }: Caller): Promise<Page<LinkView>> {
    const rows = await this.dataSource.getRepository(ReadingLink).find({
      where: { teamId, expiresAt: MoreThan(new Date()) },
      order: { createdAt: 'DESC', id: 'DESC' },
      take: limits.links,
    });
    return { items: rows.map(linkView), nextCursor: null };
  }

  /** Makes a link to what the body names. Its token is in the answer only. */
  async create(caller: Caller, body: LinkBody): Promise<CreatedLink> {
    const { teamId, member: author } = caller;
    const of = await this.target(caller, body);
    const rows = this.dataSource.getRepository(ReadingLink);
    await this.dataSource.query('delete from links where team_id = $1 and expires_at < clock_timestamp()', [teamId]);
    if ((await rows.countBy({ teamId })) >= limits.links)
      throw new ProblemException(HttpStatus.CONFLICT, `a team has at most ${limits.links} links: revoke some first`);
    const asked = await shorterLife(this.dataSource.manager, caller, body.expiresIn);
    const seconds = body.expiresIn ?? Math.min(asked ?? Infinity, standardSeconds);
    const { token, hash } = newLinkToken();
    const id = newId();
    await this.dataSource.query(
      `insert into links (id, team_id, kind, target, metric, author, hash, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8))`,
      [id, teamId, of.kind, of.target, of.metric, author, hash, seconds],
    );
    const view = linkView(await rows.findOneByOrFail({ id }));
    return { ...view, token, path: `${pageOf(of)}#link=${token}` };
  }

  /** Revokes a link: it opens nothing from now on. */
  async revoke({ teamId }: Caller, id: string): Promise<void> {
    const { affected } = await this.dataSource.getRepository(ReadingLink).delete({ teamId, id });
    if (!affected)
      throw new ProblemException(HttpStatus.NOT_FOUND, `no link ${id.slice(0, 16)}: list them with unroll link list`);
  }

  private async target(caller: Caller, { sweep, trial, board, metric, report }: LinkBody): Promise<LinkTarget> {
    const { teamId } = caller;
    if (sweep !== undefined)
      return { kind: 'sweep', target: await findId(this.dataSource, teamId, 'sweeps', sweep), metric: null };
    if (trial !== undefined)
      return { kind: 'trial', target: await findId(this.dataSource, teamId, 'trials', trial), metric: null };
    if (report !== undefined)
      return { kind: 'report', target: await findId(this.dataSource, teamId, 'reports', report), metric: null };
    const { chosen } = await this.boards.teamBoard(caller, { board, metric, dataset: undefined });
    return { kind: 'board', target: chosen.comparisonKey, metric: chosen.metric };
  }
}

/** The page of the dashboard that shows it. */
function pageOf({ kind, target, metric }: LinkTarget): string {
  if (kind === 'board') return `/board?${new URLSearchParams({ board: target, metric: metric! }).toString()}`;
  return `/${kind}s/${target}`;
}

const linkView = ({ id, kind, target, metric, author, createdAt, expiresAt, lastUsedAt }: ReadingLink): LinkView => ({
  ...{ id, kind, target, metric, author },
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
  lastUsedAt: lastUsedAt?.toISOString() ?? null,
});
