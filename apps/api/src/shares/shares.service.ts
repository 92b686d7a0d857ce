import { HttpStatus, Inject, Injectable } from '@nestjs/common';
import { shares, suggestion, type ShareBody, type Shares, type ShareView, type WaitingView } from '@unroll/contracts';
import {
  changeShare,
  findId,
  fleetUse,
  otherShares,
  readShares,
  Team,
  waitingSweeps,
  type ShareRow,
} from '@unroll/database';
import { DataSource } from 'typeorm';
import { isOperator, type Caller } from '../access/caller';
import { ProblemException } from '../http/problem';
import { workerSeconds } from '../scheduler/advance';
import { shareHalfLife } from '../scheduler/scheduler.service';
import { findMember } from '../team/members.service';
import { whyWaiting } from './why-waiting';

const nobodyWaits: WaitingView = { trials: 0, reason: null, text: null };

@Injectable()
export class SharesService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(shareHalfLife) private readonly halfLifeSeconds: number,
  ) {}

  /** What the team and its members may use and do use; what waits, and why. */
  async show(caller: Caller): Promise<Shares> {
    const { teamId } = caller;
    const rows = await readShares(this.dataSource, teamId);
    const all = isOperator(caller) ? await readShares(this.dataSource, null) : null;
    const fleet = await fleetUse(this.dataSource, teamId, workerSeconds);
    const waiting = await waitingSweeps(this.dataSource, teamId, { limit: shares.mostWaiting, seconds: workerSeconds });
    return {
      halfLifeDays: this.halfLifeSeconds / 86_400,
      team: shareView(rows.find(({ member }) => member === '') ?? unused(teamId)),
      members: rows.filter(({ member }) => member !== '').map(shareView),
      others: await otherShares(this.dataSource, teamId),
      teams: all?.map(shareView) ?? null,
      waiting: waiting.map((sweep) => {
        const { id: sweepId, name, owner, priority, trials } = sweep;
        return { sweepId, name, owner, priority, trials, ...whyWaiting(sweep, teamId, fleet) };
      }),
    };
  }

  /** Why trials of a sweep wait. */
  async waiting({ teamId }: Caller, prefix: string): Promise<WaitingView> {
    const sweepId = await findId(this.dataSource, teamId, 'sweeps', prefix);
    const [sweep] = await waitingSweeps(this.dataSource, teamId, { sweepId, limit: 1, seconds: workerSeconds });
    if (!sweep) return nobodyWaits;
    const fleet = await fleetUse(this.dataSource, teamId, workerSeconds);
    return { trials: sweep.trials, ...whyWaiting(sweep, teamId, fleet) };
  }

  /** Changes the weight or the quotas of a member. */
  async changeMember({ teamId }: Caller, name: string, body: ShareBody): Promise<ShareView> {
    await findMember(this.dataSource.manager, teamId, name);
    return this.change(teamId, name, body);
  }

  /** Changes the weight or the quotas of a team. @throws ProblemException (404), with the nearest name */
  async changeTeam(id: string, body: ShareBody): Promise<ShareView> {
    const ids = (await this.dataSource.getRepository(Team).find()).map((team) => team.id);
    const shown = id.slice(0, 31);
    if (!ids.includes(id))
      throw new ProblemException(HttpStatus.NOT_FOUND, `no team ${shown}${suggestion(shown, ids)}`);
    return this.change(id, '', body);
  }

  private async change(teamId: string, member: string, { storageGb, ...rest }: ShareBody): Promise<ShareView> {
    const storageBytes = storageGb === undefined || storageGb === null ? storageGb : storageGb * 1e9;
    await changeShare(this.dataSource, { teamId, member }, { ...rest, storageBytes });
    const rows = await readShares(this.dataSource, teamId);
    return shareView(rows.find((row) => row.member === member)!);
  }
}

/** A team that has submitted nothing yet. */
const unused = (teamId: string): ShareRow => ({
  ...{ teamId, member: '', weight: 1, lanes: null, gpuHours: null, storageBytes: null },
  ...{ runningLanes: 0, trainers: 0, recent: 0, spent: 0, storedBytes: 0 },
});

function shareView(row: ShareRow): ShareView {
  const { teamId, member, weight, lanes, gpuHours, storageBytes, runningLanes, trainers, recent, spent, storedBytes } =
    row;
  return {
    name: member === '' ? teamId : member,
    weight,
    quotas: { lanes, gpuHours, storageGb: storageBytes === null ? null : storageBytes / 1e9 },
    use: { lanes: runningLanes, trainers, recent, gpuHours: spent / 3600, storageGb: storedBytes / 1e9 },
  };
}
