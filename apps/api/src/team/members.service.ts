import { HttpStatus, Injectable } from '@nestjs/common';
import {
  limits,
  localTeam,
  suggestion,
  type MemberBody,
  type MemberChange,
  type MemberView,
  type Page,
} from '@unroll/contracts';
import { Member, newId } from '@unroll/database';
import { DataSource, type EntityManager } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';

type MemberRow = Omit<MemberView, 'createdAt'> & { createdAt: Date };

@Injectable()
export class MembersService {
  constructor(private readonly dataSource: DataSource) {}

  /** Everyone, by name: at most limits.members. */
  async list({ teamId }: Caller): Promise<Page<MemberView>> {
    return { items: await this.read(teamId), nextCursor: null };
  }

  private async read(teamId: string, name?: string): Promise<MemberView[]> {
    const rows = await this.dataSource.query<MemberRow[]>(
      `select name, role, email, created_at as "createdAt", (select count(*)::integer from api_keys
         where member_id = members.id and (expires_at is null or expires_at > clock_timestamp())) as keys
       from members where team_id = $1 and ($2::text is null or name = $2) order by name`,
      [teamId, name ?? null],
    );
    return rows.map((row) => ({ ...row, createdAt: row.createdAt.toISOString() }));
  }

  async add({ teamId }: Caller, { name, role, email }: MemberBody): Promise<MemberView> {
    const members = this.dataSource.getRepository(Member);
    if ((await members.countBy({ teamId })) >= limits.members)
      throw new ProblemException(HttpStatus.CONFLICT, `the team has ${limits.members} members, and may have no more`);
    const inserted = await this.dataSource.query<unknown[]>(
      `insert into members (id, team_id, name, role, email) values ($1, $2, $3, $4, $5) on conflict do nothing returning id`,
      [newId(), teamId, name, role, email ?? null],
    );
    if (inserted.length === 0)
      throw new ProblemException(
        HttpStatus.CONFLICT,
        (await members.existsBy({ teamId, name }))
          ? `the team has a member ${name} already: choose another name`
          : `${email} belongs to another member: leave it out`,
      );
    return (await this.read(teamId, name))[0]!;
  }

  /** Changes a member's role, which limits their keys at once. */
  async change({ teamId }: Caller, name: string, { role }: MemberChange): Promise<MemberView> {
    await this.dataSource.transaction(async (manager) => {
      await lockTeam(manager, teamId);
      const member = await findMember(manager, teamId, name, 'for update');
      if (member.role === 'admin' && role !== 'admin') await requireOtherAdmin(manager, member);
      await manager.update(Member, { id: member.id }, { role });
    });
    return (await this.read(teamId, name))[0]!;
  }

  /** Removes a member and their keys. Their sweeps stay, with their name. */
  async remove({ teamId }: Caller, name: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await lockTeam(manager, teamId);
      const member = await findMember(manager, teamId, name, 'for update');
      if (member.role === 'admin') await requireOtherAdmin(manager, member);
      await manager.delete(Member, { id: member.id });
    });
  }
}

/** The member of a team with this name. @throws ProblemException (404), with the nearest name */
export async function findMember(
  manager: EntityManager,
  teamId: string,
  name: string,
  lock: 'for update' | '' = '',
): Promise<Pick<Member, 'id' | 'name' | 'role'>> {
  const [found] = await manager.query<Pick<Member, 'id' | 'name' | 'role'>[]>(
    `select id, name, role from members where team_id = $1 and name = $2 ${lock}`,
    [teamId, name],
  );
  if (found) return found;
  const names = (await manager.findBy(Member, { teamId })).map((member) => member.name);
  const shown = name.slice(0, limits.personName);
  throw new ProblemException(HttpStatus.NOT_FOUND, `no member ${shown} in the team${suggestion(shown, names)}`);
}

/** Makes changes of a team's members wait for each other: two admins who remove each other at the same time must not both succeed. */
async function lockTeam(manager: EntityManager, teamId: string): Promise<void> {
  await manager.query('select from teams where id = $1 for no key update', [teamId]);
}

/** @throws ProblemException (409) if the team would be left without an admin, or the key of the environment without its member */
async function requireOtherAdmin(manager: EntityManager, { id, name }: Pick<Member, 'id' | 'name'>): Promise<void> {
  if (id === localTeam)
    throw new ProblemException(
      HttpStatus.CONFLICT,
      `${name} stays an admin: the key of the environment, UNROLL_KEY or the local one, belongs to this member`,
    );
  const admins = await manager.query<{ id: string }[]>(
    `select id from members where role = 'admin' and team_id = (select team_id from members where id = $1)`,
    [id],
  );
  if (admins.every((admin) => admin.id === id))
    throw new ProblemException(HttpStatus.CONFLICT, `${name} is the team's only admin: make another member one first`);
}
