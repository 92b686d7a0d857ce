import { HttpStatus } from '@nestjs/common';
import { IdempotencyKey } from '@unroll/database';
import { Raw, type EntityManager } from 'typeorm';
import { ProblemException } from '../http/problem';

/** A request with an Idempotency-Key. */
export interface Creation {
  teamId: string;
  route: string;
  key: string | undefined;
  bodyHash: string;
  /** Id of the created resource. */
  id: string;
}

/** How long a key stands for what it created, by the database's clock. */
const keptFor = `interval '24 hours'`;

function requireKey(key: string): void {
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new ProblemException(
      HttpStatus.BAD_REQUEST,
      'Idempotency-Key: must be 1 to 200 printable characters without spaces',
    );
}

/**
 * The id that was created under this key in the last 24 hours, if any. A repeated request is answered by it alone: what was valid then need
 * not be now.
 * @throws ProblemException (400) for a malformed key, (422) if it was another request's
 */
export async function recordedCreation(
  manager: EntityManager,
  { teamId, route, key, bodyHash }: Omit<Creation, 'id'>,
): Promise<string | undefined> {
  if (key === undefined) return undefined;
  requireKey(key);
  const earlier = await manager.findOneBy(IdempotencyKey, {
    ...{ teamId, route, key },
    createdAt: Raw((at) => `${at} >= clock_timestamp() - ${keptFor}`),
  });
  if (earlier && earlier.bodyHash !== bodyHash)
    throw new ProblemException(
      HttpStatus.UNPROCESSABLE_ENTITY,
      'Idempotency-Key: was already used with another body; use a new key',
    );
  return earlier?.createdId;
}

/**
 * The id that was created under this key before; else undefined, and the new id is recorded in the creating transaction.
 * @throws ProblemException as `recordedCreation` does
 */
export async function earlierCreation(manager: EntityManager, creation: Creation): Promise<string | undefined> {
  const { teamId, route, key, bodyHash, id } = creation;
  if (key === undefined) return undefined;
  requireKey(key);
  await manager.query(`delete from idempotency_keys where created_at < clock_timestamp() - ${keptFor}`);
  const inserted = await manager.query<unknown[]>(
    `insert into idempotency_keys (team_id, route, key, body_hash, created_id) values ($5, $1, $2, $3, $4)
     on conflict do nothing returning key`,
    [route, key, bodyHash, id, teamId],
  );
  return inserted.length > 0 ? undefined : recordedCreation(manager, creation);
}

/** What repeats a request whose sweep was deleted is told: neither is there a sweep to show, nor is another one asked for. */
export const createdAndDeleted = (id: string): ProblemException =>
  new ProblemException(
    HttpStatus.CONFLICT,
    `Idempotency-Key: created sweep ${id}, which was deleted since; use a new key to create another`,
  );
