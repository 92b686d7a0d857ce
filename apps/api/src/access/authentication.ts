import { Inject, Injectable } from '@nestjs/common';
import { localTeam, type LinkTarget, type Role } from '@unroll/contracts';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import type { Caller } from './caller';
import { lowerRole } from './roles';
import { WrongKeys, type KeyRefusal } from './wrong-keys';
import { equalTokens, hashToken, isLinkToken } from './token';

/** The key of the environment or the local stack: an admin of the team `local`. */
export const apiKey = Symbol('ApiKey');

type Carrying = Pick<Request, 'headers' | 'ip'>;

/** Who sends a request, or how it is refused. */
type Admission = { caller: Caller; refusal?: never } | { caller?: never; refusal: KeyRefusal };

/** Finds out who sends a request. Nothing is cached: a key that was revoked or has expired is refused at once. */
@Injectable()
export class Authentication {
  constructor(
    @Inject(apiKey) private readonly key: string,
    private readonly dataSource: DataSource,
    private readonly wrongKeys: WrongKeys,
  ) {}

  /** Who sends a request with `Authorization: Bearer <key>`. */
  async admit(request: Carrying): Promise<Admission> {
    const caller = await this.find(request);
    if (typeof caller !== 'string') return { caller };
    return { refusal: await this.wrongKeys.refusal(request, caller) };
  }

  private async find(request: Carrying): Promise<Caller | 'missing' | 'wrong'> {
    const [, token] = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) return 'missing';
    if (equalTokens(token, this.key)) return { teamId: localTeam, member: localTeam, role: 'admin', key: null };
    const find = isLinkToken(token) ? this.readLink('hash', hashToken(token)) : this.read('hash', hashToken(token));
    return (await find) ?? 'wrong';
  }

  /** Whether the key of an earlier request is still valid. */
  async isValid({ key, link }: Caller): Promise<boolean> {
    if (key === null) return true;
    return (await (link ? this.readLink('id', key.id) : this.read('id', key.id))) !== undefined;
  }

  /** By api_keys_by_hash or the primary key. The time of the last use is written once a minute, not with each request. */
  private async read(column: 'hash' | 'id', value: string): Promise<Caller | undefined> {
    const [row] = await this.dataSource.query<
      { id: string; name: string; role: Role; teamId: string; member: string; own: Role; stale: boolean }[]
    >(
      `select api_keys.id, api_keys.name, api_keys.role, team_id as "teamId", members.name as member, members.role as own,
              coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) as stale
       from api_keys join members on members.id = member_id
       where api_keys.${column} = $1 and (expires_at is null or expires_at > clock_timestamp())`,
      [value],
    );
    if (!row) return undefined;
    const { id, name, role, teamId, member, own, stale } = row;
    if (stale) await this.dataSource.query('update api_keys set last_used_at = clock_timestamp() where id = $1', [id]);
    return { teamId, member, role: lowerRole(role, own), key: { id, name } };
  }

  /** By links_by_hash or the primary key. */
  private async readLink(column: 'hash' | 'id', value: string): Promise<Caller | undefined> {
    const [row] = await this.dataSource.query<(LinkTarget & { id: string; teamId: string; stale: boolean })[]>(
      `select id, team_id as "teamId", kind, target, metric,
              coalesce(last_used_at < clock_timestamp() - interval '1 minute', true) as stale
       from links where ${column} = $1 and expires_at > clock_timestamp()`,
      [value],
    );
    if (!row) return undefined;
    const { id, teamId, stale, ...link } = row;
    if (stale) await this.dataSource.query('update links set last_used_at = clock_timestamp() where id = $1', [id]);
    return { teamId, member: `link ${id}`, role: 'viewer', key: { id, name: 'link' }, link };
  }
}
