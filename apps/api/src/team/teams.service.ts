import { HttpStatus, Injectable } from '@nestjs/common';
import type { CreatedTeam, Me, Page, TeamBody, TeamView } from '@unroll/contracts';
import { Member, newId, Team } from '@unroll/database';
import { DataSource } from 'typeorm';
import { isOperator, type Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { insertKey, shorterLife } from './keys.service';

const teamRows = `select id, created_at as "createdAt",
  (select count(*)::integer from members where team_id = teams.id) as members,
  (select count(*)::integer from sweeps where team_id = teams.id) as sweeps from teams`;

type TeamRow = Omit<TeamView, 'createdAt'> & { createdAt: Date };

const teamView = (row: TeamRow): TeamView => ({ ...row, createdAt: row.createdAt.toISOString() });

@Injectable()
export class TeamsService {
  constructor(private readonly dataSource: DataSource) {}

  me(caller: Caller): Me {
    const { teamId: team, member, role, link = null } = caller;
    return { team, member, role, operator: isOperator(caller), link };
  }

  /** All teams: there are few. */
  async list(): Promise<Page<TeamView>> {
    const rows = await this.dataSource.query<TeamRow[]>(`${teamRows} order by id`);
    return { items: rows.map(teamView), nextCursor: null };
  }

  /** Creates a team with its first member, an admin, and a key for them. */
  create(caller: Caller, { id, admin }: TeamBody): Promise<CreatedTeam> {
    return this.dataSource.transaction(async (manager) => {
      const inserted = await manager.query<unknown[]>(
        'insert into teams (id) values ($1) on conflict do nothing returning id',
        [id],
      );
      if (inserted.length === 0) throw new ProblemException(HttpStatus.CONFLICT, `there is a team ${id} already`);
      const member = { id: newId(), teamId: id, name: admin, role: 'admin' as const };
      await manager.insert(Member, member);
      const expiresIn = await shorterLife(manager, caller, undefined);
      const key = await insertKey(manager, member, { name: 'first', role: 'admin', expiresIn });
      const { createdAt } = await manager.findOneByOrFail(Team, { id });
      return { id, members: 1, sweeps: 0, createdAt: createdAt.toISOString(), key };
    });
  }
}
