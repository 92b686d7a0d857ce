import {
  HttpException,
  Injectable,
  Logger,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { parseDocument, ValidationError } from '@unroll/contracts';
import { findId, unflushed, UnknownId } from '@unroll/database';
import type { Request, Response } from 'express';
import { catchError, from, mergeMap, type Observable } from 'rxjs';
import { DataSource } from 'typeorm';
import { actionKey } from '../access/access';
import { findCaller, type Caller } from '../access/caller';

/** Characters of a change that are stored; of a longer one, its keys. */
const longest = 4_000;
/** Characters of a name that are stored: as many as can be searched for. */
const longestTarget = 100;
const tables = {
  sweep: 'sweeps',
  trial: 'trials',
  configuration: 'trials',
  view: 'views',
  diary: 'diary',
  report: 'reports',
} as const;

type Change = Record<string, unknown> | null;

/**
 * Writes what each request changes into the audit: before it is done, so that no change is without an entry. An entry does not wait for the
 * disk: the commit of the change flushes all that was committed before. What became of it is written afterwards; a crash of PostgreSQL in
 * that moment leaves it unknown, as a crash of the API does.
 */
@Injectable()
export class AuditInterceptor implements NestInterceptor {
  private readonly logger = new Logger(AuditInterceptor.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly reflector: Reflector,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const action = this.reflector.get<string | null | undefined>(actionKey, context.getHandler());
    if (action === undefined || action === null) return next.handle();
    const [request, response] = [
      context.switchToHttp().getRequest<Request>(),
      context.switchToHttp().getResponse<Response>(),
    ];
    const number = await this.begin(action, request);
    return next.handle().pipe(
      mergeMap((answer: unknown) => from(this.end(number, action, response, answer).then(() => answer))),
      catchError(async (error: unknown) => {
        await this.refuse(number, error);
        throw error;
      }),
    );
  }

  private async begin(action: string, request: Request): Promise<string> {
    const caller = findCaller(request)!;
    const [row] = await this.dataSource.query<[{ number: string }]>(
      `with ${unflushed} insert into audit (team_id, member, key_name, action, target, change)
       select $1, $2, $3, $4, $5, $6::jsonb from unflushed returning number`,
      [
        caller.teamId,
        caller.member,
        caller.key?.name ?? null,
        action,
        await this.target(action, request, caller),
        storable(JSON.stringify(sent(action, request))),
      ],
    );
    return row.number;
  }

  /** The whole id that a request names, or its name; null if it creates one, or names none that exists. */
  private async target(action: string, { params }: Request, { teamId }: Caller): Promise<string | null> {
    const named = params.id ?? params.name;
    if (typeof named !== 'string') return null;
    const table = tables[action.split('.')[0] as keyof typeof tables];
    if (!table) return named.slice(0, longestTarget);
    return findId(this.dataSource, teamId, table, named).catch((error: unknown) => {
      if (error instanceof UnknownId) return null;
      throw error;
    });
  }

  /** A dry run has changed nothing. */
  private async end(number: string, action: string, response: Response, answer: unknown): Promise<void> {
    if (action === 'sweep.submit' && response.statusCode === 200) return this.forget(number);
    const { id, name, total } = Object(answer) as { id?: string; name?: string; total?: number };
    const made = action === 'sweep.submit' ? JSON.stringify({ name, trials: total }) : null;
    await this.dataSource.query(
      `with ${unflushed} update audit set done = true, target = coalesce(target, $2), change = coalesce($3, case when target <> $2
         then coalesce(change, '{}') || jsonb_build_object('made', $2::text) else change end) from unflushed where number = $1`,
      [number, id ?? name ?? null, made],
    );
  }

  /** What was refused has changed nothing; an error may have come halfway. */
  private async refuse(number: string, error: unknown): Promise<void> {
    const refused =
      (error instanceof HttpException && error.getStatus() < 500) ||
      error instanceof ValidationError ||
      error instanceof UnknownId;
    await (
      refused ? this.forget(number) : this.dataSource.query('update audit set done = false where number = $1', [number])
    ).catch((cause: unknown) => this.logger.warn({ error: String(cause) }, 'could not complete an entry of the audit'));
  }

  private async forget(number: string): Promise<void> {
    await this.dataSource.query(`with ${unflushed} delete from audit using unflushed where number = $1`, [number]);
  }
}

/** JSON without what PostgreSQL refuses in texts: U+0000 and halves of surrogate pairs, which a contract may be about to refuse too. */
const storable = (json: string): string =>
  json.replaceAll(/\\(u0000|ud[89a-f][\da-f]{2}|.)/g, (escape, code: string) => (code.length > 1 ? '\\ufffd' : escape));

/** What a request sends, as JSON; a sweep keeps its specification itself. */
function sent(action: string, { body }: Request): Change {
  if (action === 'sweep.submit' || typeof body !== 'string' || body === '') return null;
  let change: unknown;
  try {
    change = parseDocument(body);
  } catch {
    // It will be refused.
    return null;
  }
  if (typeof change !== 'object' || change === null) return null;
  // The address of a webhook may be a secret, as Slack's is, and all of the team read the audit.
  if (action === 'webhook.create') return { ...change, url: undefined };
  return JSON.stringify(change).length > longest ? { changed: Object.keys(change) } : (change as Change);
}
