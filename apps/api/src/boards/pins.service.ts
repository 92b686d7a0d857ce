import { HttpStatus, Injectable } from '@nestjs/common';
import { findId, pin, Trial, unpin, type Pinned } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { ProblemException } from '../http/problem';

/** Baselines of boards, each named by one of the trials of its configuration. */
@Injectable()
export class PinsService {
  constructor(private readonly dataSource: DataSource) {}

  async pin(caller: Caller, prefix: string): Promise<void> {
    const of = await this.configuration(caller, prefix);
    if (!(await pin(this.dataSource, of)))
      throw new ProblemException(HttpStatus.CONFLICT, `trial ${prefix} is on no leaderboard: it has no value yet`);
  }

  async unpin(caller: Caller, prefix: string): Promise<void> {
    await unpin(this.dataSource, await this.configuration(caller, prefix));
  }

  private async configuration({ teamId }: Caller, prefix: string): Promise<Pinned> {
    const id = await findId(this.dataSource, teamId, 'trials', prefix);
    const { sweepId, configuration } = await this.dataSource.getRepository(Trial).findOneByOrFail({ id });
    return { sweepId, configuration };
  }
}
