import { Injectable } from '@nestjs/common';
import type { LinkScope, LinkTarget } from '@unroll/contracts';
import { findId, Trial, UnknownId } from '@unroll/database';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import type { Caller } from './caller';

/** Decides what a link opens: what it is of, and of a sweep also its trials. */
@Injectable()
export class LinkAccess {
  constructor(private readonly dataSource: DataSource) {}

  /** Whether the link of a caller opens a request of a route that shows `scope`. What is not there is not opened either. */
  async opens(
    scope: LinkScope | undefined,
    { teamId, link }: Caller & { link: LinkTarget },
    request: Request,
  ): Promise<boolean> {
    if (scope === 'any') return true;
    if (scope === 'board') {
      const { board, metric } = request.query;
      return link.kind === 'board' && board === link.target && metric === link.metric;
    }
    const { id } = request.params;
    if (scope === undefined || link.kind === 'board' || typeof id !== 'string') return false;
    try {
      if (scope === 'sweep')
        return link.kind === 'sweep' && (await findId(this.dataSource, teamId, 'sweeps', id)) === link.target;
      return await this.opensTrial(link, await findId(this.dataSource, teamId, 'trials', id));
    } catch (error) {
      if (error instanceof UnknownId) return false;
      throw error;
    }
  }

  private async opensTrial({ kind, target }: LinkTarget, id: string): Promise<boolean> {
    if (kind === 'trial') return id === target;
    return (await this.dataSource.getRepository(Trial).findOneBy({ id }))?.sweepId === target;
  }
}
