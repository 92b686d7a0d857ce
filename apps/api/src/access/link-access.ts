import { Injectable } from '@nestjs/common';
import { chartOf, reportParts, type LinkScope, type LinkTarget } from '@unroll/contracts';
import { findId, ReportRow, Trial, UnknownId } from '@unroll/database';
import type { Request } from 'express';
import { DataSource } from 'typeorm';
import type { Caller } from './caller';

/** By what a route shows: the kind of thing that its `:id` names. */
const tables = { sweep: 'sweeps', trial: 'trials', report: 'reports' } as const;

/** Decides what a link opens: what it is of; of a sweep also its trials; of a report also what its charts show. */
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
    if (scope === undefined) return false;
    if (scope === 'board') {
      const { board, metric } = request.query;
      return (await this.targets(link)).some(
        (one) => one.kind === 'board' && board === one.target && metric === one.metric,
      );
    }
    const { id } = request.params;
    if (link.kind === 'board' || typeof id !== 'string') return false;
    try {
      const asked = await findId(this.dataSource, teamId, tables[scope], id);
      const targets = await this.targets(link);
      const names = (kind: LinkTarget['kind'], target: string): boolean =>
        targets.some((one) => one.kind === kind && one.target === target);
      return names(scope, asked) || (scope === 'trial' && names('sweep', await this.sweepOf(asked)));
    } catch (error) {
      if (error instanceof UnknownId) return false;
      throw error;
    }
  }

  /** What a link shows: of a report, what its charts name now, too. */
  private async targets(link: LinkTarget): Promise<LinkTarget[]> {
    if (link.kind !== 'report') return [link];
    const row = await this.dataSource.getRepository(ReportRow).findOneBy({ id: link.target });
    const parts = row ? reportParts(row.text) : [];
    return [link, ...parts.flatMap((part) => (part.kind === 'chart' ? (chartOf(part.address)?.of ?? []) : []))];
  }

  private async sweepOf(trial: string): Promise<string> {
    return (await this.dataSource.getRepository(Trial).findOneByOrFail({ id: trial })).sweepId;
  }
}
