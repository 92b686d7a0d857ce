import { HttpStatus, Injectable } from '@nestjs/common';
import {
  includesRole,
  limits,
  ValidationError,
  type CreatedKey,
  type KeyBody,
  type KeyView,
  type Page,
  type Role,
} from '@unroll/contracts';
import { ApiKey, Member, newId } from '@unroll/database';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { lowerRole } from '../access/roles';
import { newToken } from '../access/token';
import { ProblemException } from '../http/problem';
import { findMember } from './members.service';

@Injectable()
export class KeysService {
  constructor(private readonly dataSource: DataSource) {}

  /** The valid keys of the caller; for an admin, those of the team. Newest first: there are few. */
  async list(caller: Caller): Promise<Page<KeyView>> {
    const rows = await this.rows(caller);
    return { items: rows.map(keyView), nextCursor: null };
  }

  /** Creates a key for the caller, or, by an admin, for a member. @throws ValidationError for a role above theirs */
  async create(caller: Caller, body: KeyBody): Promise<CreatedKey> {
    const name = body.member ?? caller.member;
    if (name !== caller.member) requireAdmin(caller, 'create a key for someone else');
    return this.dataSource.transaction(async (manager) => {
      const member = await findMember(manager, caller.teamId, name, 'for update');
      const most = lowerRole(member.role, caller.role);
      const role = body.role ?? most;
      if (!includesRole(most, role))
        throw new ValidationError([{ path: 'role', message: `is above ${most}, the most that it can be here` }]);
      await removeExpired(manager, member.id);
      if ((await manager.countBy(ApiKey, { memberId: member.id })) >= limits.memberKeys)
        throw new ProblemException(
          HttpStatus.CONFLICT,
          `${name} has ${limits.memberKeys} keys, and may have no more: revoke some first`,
        );
      const expiresIn = await shorterLife(manager, caller, body.expiresIn);
      return insertKey(manager, member, { name: body.name, role, expiresIn });
    });
  }

  /** Revokes a key of the caller, or, by an admin, of a member. It is refused from now on. */
  async revoke(caller: Caller, id: string): Promise<void> {
    const own = await this.rows(caller);
    const found = own.filter((key) => key.id.startsWith(id));
    if (found.length !== 1)
      throw new ProblemException(HttpStatus.NOT_FOUND, `no key ${id.slice(0, 16)}: list them with unroll key list`);
    await this.dataSource.getRepository(ApiKey).delete({ id: found[0]!.id });
  }

  private rows({ teamId, member, role }: Caller): Promise<ApiKey[]> {
    return this.dataSource
      .getRepository(ApiKey)
      .createQueryBuilder('key')
      .innerJoinAndSelect('key.member', 'member')
      .where('member.team_id = :teamId', { teamId })
      .andWhere('(:all or member.name = :member)', { all: role === 'admin', member })
      .andWhere('(key.expires_at is null or key.expires_at > clock_timestamp())')
      .orderBy('key.createdAt', 'DESC')
      .addOrderBy('key.id')
      .getMany();
  }
}

/** @throws ProblemException (403) */
function requireAdmin({ role }: Caller, what: string): void {
  if (role !== 'admin') throw new ProblemException(HttpStatus.FORBIDDEN, `only an admin of the team may ${what}`);
}

/**
 * The seconds that a new key is valid: as asked, or as long as the key that creates it. One that expires would otherwise make itself
 * permanent. @throws ValidationError for longer
 */
export async function shorterLife(
  manager: EntityManager,
  { key }: Caller,
  asked: number | undefined,
): Promise<number | undefined> {
  if (key === null) return asked;
  const [row] = await manager.query<{ left: number | null }[]>(
    'select extract(epoch from expires_at - clock_timestamp())::double precision as left from api_keys where id = $1',
    [key.id],
  );
  const left = row?.left ?? null;
  if (left === null) return asked;
  if (asked !== undefined && asked > left)
    throw new ValidationError([
      { path: 'expiresIn', message: `is later than the key that you use expires, in ${Math.floor(left)} s: give less` },
    ]);
  return asked ?? Math.max(1, Math.floor(left));
}

/** Removes the expired keys of a member: nobody sees them, and they must not count as theirs. */
async function removeExpired(manager: EntityManager, memberId: string): Promise<void> {
  await manager.query('delete from api_keys where member_id = $1 and expires_at < clock_timestamp()', [memberId]);
}

/** Creates a key of a member; expired keys of theirs are removed. The key itself is in the answer only. */
export async function insertKey(
  manager: EntityManager,
  member: Pick<Member, 'id' | 'name' | 'role'>,
  { name, role, expiresIn }: { name: string; role: Role; expiresIn: number | undefined },
): Promise<CreatedKey> {
  await removeExpired(manager, member.id);
  const { token, hash, start } = newToken();
  const id = newId();
  await manager.query(
    `insert into api_keys (id, member_id, name, role, hash, start, expires_at)
     values ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))`,
    [id, member.id, name, role, hash, start, expiresIn ?? null],
  );
  const key = await manager.findOneOrFail(ApiKey, { where: { id }, relations: { member: true } });
  return { ...keyView(key), key: token };
}

function keyView({ id, name, role, start, createdAt, expiresAt, lastUsedAt, member }: ApiKey): KeyView {
  return {
    ...{ id, name, member: member!.name, role: lowerRole(role, member!.role), start },
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
