import { Injectable } from '@nestjs/common';
import type { AuditEntryView, AuditQuery, Page } from '@unroll/contracts';
import { AuditEntry } from '@unroll/database';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { fromCursor, toPage } from '../http/cursor';

const isNumber = (value: unknown): value is string => typeof value === 'string' && /^\d{1,18}$/.test(value);

@Injectable()
export class AuditService {
  constructor(private readonly dataSource: DataSource) {}

  /** What the team has changed, newest first. By audit_of_team, or by audit_of_target for one thing. */
  async list({ teamId }: Caller, { limit, cursor, member, action, target }: AuditQuery): Promise<Page<AuditEntryView>> {
    const before = fromCursor(cursor, isNumber);
    const query = this.dataSource
      .getRepository(AuditEntry)
      .createQueryBuilder('entry')
      .where('entry.team_id = :teamId', { teamId })
      .orderBy('entry.number', 'DESC');
    if (before !== undefined) query.andWhere('entry.number < :before', { before });
    if (member !== undefined) query.andWhere('entry.member = :member', { member });
    if (target !== undefined) query.andWhere('entry.target = :target', { target });
    if (action !== undefined)
      query.andWhere(`(entry.action = :action or split_part(entry.action, '.', 1) = :action)`, { action });
    const rows = await query.take(limit + 1).getMany();
    return toPage(rows, limit, entryView, ({ number }) => number);
  }
}

function entryView({ at, member, keyName, action, target, change, done }: AuditEntry): AuditEntryView {
  const outcome = done === null ? 'unknown' : done ? 'done' : 'failed';
  return { at: at.toISOString(), member, key: keyName, action, target, change, outcome };
}
