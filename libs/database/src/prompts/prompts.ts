import type { GenerateBody } from '@unroll/contracts';
import type { DataSource } from 'typeorm';
import { newId } from '../ids';

/** A prompt that a worker has taken. */
export interface TakenPrompt {
  id: string;
  /** The artifact of the model that answers it. */
  model: string;
  body: GenerateBody;
  /** Seconds until nobody waits for the answer any longer. */
  seconds: number;
}

/** What has become of a prompt. */
export interface HeardPrompt {
  state: 'waiting' | 'writing' | 'done' | 'failed';
  /** What was written since it was last asked for, in order. */
  pieces: string[];
  /** Why it failed. */
  message: string | null;
  /** Seconds since its worker was last heard, or since it was asked where it waits for one. */
  silentSeconds: number;
}

/** What a worker tells about a prompt. */
export interface PromptNews {
  pieces: readonly string[];
  /** Undefined while it is being written. */
  end?: 'done' | 'failed' | undefined;
  message?: string | undefined;
}

/**
 * Asks the workers for an answer, which nobody waits for after `seconds`. Returns its id, or undefined if `most` prompts of the team are
 * being answered. Prompts whose server has gone are forgotten.
 */
export function openPrompt(
  dataSource: DataSource,
  { teamId, model, body, seconds }: { teamId: string; model: string; body: GenerateBody; seconds: number },
  most: number,
): Promise<string | undefined> {
  return dataSource.transaction(async (manager) => {
    // Requests of a team count one after the other.
    await manager.query('select from teams where id = $1 for no key update', [teamId]);
    await manager.query('delete from prompts where team_id = $1 and expires_at < clock_timestamp()', [teamId]);
    const [row] = await manager.query<{ id: string }[]>(
      `insert into prompts (id, team_id, model, body, expires_at)
       select $1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5)
       where (select count(*) from prompts where team_id = $2) < $6 returning id`,
      [newId(), teamId, model, JSON.stringify(body), seconds, most],
    );
    return row?.id;
  });
}

/** What has become of a prompt, with its pieces after the first `known`; undefined once it is forgotten. */
export async function hearPrompt(dataSource: DataSource, id: string, known: number): Promise<HeardPrompt | undefined> {
  const [row] = await dataSource.query<HeardPrompt[]>(
    `select state, pieces[$2 + 1:] as pieces, message,
            extract(epoch from clock_timestamp() - heard_at)::double precision as "silentSeconds"
     from prompts where id = $1`,
    [id, known],
  );
  return row && { ...row, pieces: row.pieces.map((piece) => JSON.parse(piece) as string) };
}

/** Forgets a prompt: a worker that is writing learns that nobody waits any longer. */
export async function forgetPrompt(dataSource: DataSource, id: string): Promise<void> {
  await dataSource.query('delete from prompts where id = $1', [id]);
}

/**
 * The prompt that has waited longest, for this worker alone; of several, one of a model that it has at hand. By prompts_waiting, which is
 * empty most of the time.
 */
export async function takePrompt(
  dataSource: DataSource,
  workerId: string,
  atHand: readonly string[] = [],
): Promise<TakenPrompt | undefined> {
  const [[row]] = await dataSource.query<[TakenPrompt[]]>(
    `update prompts set state = 'writing', worker_id = $1, heard_at = clock_timestamp() where id = (
       select id from prompts where state = 'waiting' and expires_at > clock_timestamp()
       order by model = any($2) desc, created_at limit 1 for update skip locked
     ) returning id, model, body, extract(epoch from expires_at - clock_timestamp())::double precision as seconds`,
    [workerId, [...atHand]],
  );
  return row;
}

/** Tells what a worker has written, or that it is writing. Returns whether anybody waits for more. */
export async function tellPrompt(
  dataSource: DataSource,
  workerId: string,
  id: string,
  { pieces, end, message }: PromptNews,
): Promise<boolean> {
  const [, count] = await dataSource.query<[unknown, number]>(
    `update prompts set pieces = pieces || $3::text[], state = coalesce($4, state), message = $5, heard_at = clock_timestamp()
     where id = $1 and worker_id = $2 and state = 'writing' and expires_at > clock_timestamp()`,
    // As JSON, which can hold every character: a network may write NUL, or half of a surrogate pair.
    [id, workerId, pieces.map((piece) => JSON.stringify(piece)), end ?? null, message ?? null],
  );
  return count > 0;
}

/** How many workers that have been seen within `seconds` would take a prompt. */
export async function countWilling(dataSource: DataSource, seconds: number): Promise<number> {
  const [row] = await dataSource.query<{ count: number }[]>(
    `select count(*)::integer as count from workers
     where last_seen > clock_timestamp() - make_interval(secs => $1) and drain is null`,
    [seconds],
  );
  return row!.count;
}
