import { HttpStatus } from '@nestjs/common';
import { IdempotencyKey } from '@unroll/database';
import type { EntityManager } from 'typeorm';
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

/** The id that was created under this key before; else undefined, and the new id is recorded in the creating transaction. */
export async function earlierCreation(
  manager: EntityManager,
  { teamId, route, key, bodyHash, id }: Creation,
): Promise<string | undefined> {
  if (key === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new ProblemException(
      HttpStatus.BAD_REQUEST,
      'Idempotency-Key: must be 1 to 200 printable characters without spaces',
    );
  await manager.query(`delete from idempotency_keys where created_at < clock_timestamp() - interval '24 hours'`);
  const inserted = await manager.query<unknown[]>(
    `insert into idempotency_keys (team_id, route, key, body_hash, created_id) values ($5, $1, $2, $3, $4)
     on conflict do nothing returning key`,
    [route, key, bodyHash, id, teamId],
  );
  if (inserted.length > 0) return undefined;
  const earlier = await manager.findOneByOrFail(IdempotencyKey, { teamId, route, key });
  if (earlier.bodyHash !== bodyHash)
    throw new ProblemException(
      HttpStatus.UNPROCESSABLE_ENTITY,
      'Idempotency-Key: was already used with another body; use a new key',
    );
  return earlier.createdId;
}
