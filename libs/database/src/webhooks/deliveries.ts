import type { WebhookKind, WebhookMessage } from '@unroll/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { toldOpenBests } from '../schema/webhooks';

/** Seconds after which a delivery is sent again whose sender has not said how it ended. */
const forgottenSeconds = 60;
/** Messages of a webhook that are kept once they have ended. */
const kept = 200;

/** A delivery that is due. */
export interface DueDelivery {
  id: string;
  attempts: number;
  message: WebhookMessage;
  url: string;
  kind: WebhookKind;
  secret: string;
}

/** How an attempt ended. `again`: seconds until the next one; undefined if there is none. */
export interface Attempted {
  delivered: boolean;
  status: number | null;
  problem: string | null;
  again: number | undefined;
}

/** Takes deliveries that are due: no one else takes them meanwhile. By deliveries_due. */
export async function takeDeliveries(dataSource: DataSource, most: number): Promise<DueDelivery[]> {
  const [rows] = await dataSource.query<[DueDelivery[]]>(
    `update deliveries set attempts = attempts + 1, next_at = clock_timestamp() + make_interval(secs => $2)
     from webhooks where webhooks.id = webhook_id and deliveries.id = any(array(
       select id from deliveries where next_at <= clock_timestamp() order by next_at limit $1 for update skip locked
     )) returning deliveries.id, attempts, message, url, kind, secret`,
    [most, forgottenSeconds],
  );
  return rows;
}

/** Records how an attempt ended. */
export async function endAttempt(
  dataSource: DataSource,
  id: string,
  { delivered, status, problem, again }: Attempted,
): Promise<void> {
  await dataSource.query(
    `update deliveries set status = $2, problem = $3, delivered_at = case when $4 then clock_timestamp() end,
       next_at = clock_timestamp() + make_interval(secs => $5) where id = $1`,
    [id, status, problem, delivered, again ?? null],
  );
}

/** Tells the webhooks that want to know of each new best of an open sweep. A sweep that ends tells of its last one itself. */
export async function tellBests(manager: EntityManager): Promise<void> {
  await manager.query(toldOpenBests);
}

/** Removes what has ended, but for the newest of each webhook. */
export async function forgetDeliveries(manager: EntityManager): Promise<void> {
  await manager.query(
    `delete from deliveries old using webhooks where webhooks.id = old.webhook_id and old.next_at is null and old.id <= (
       select id from deliveries where webhook_id = webhooks.id order by id desc offset $1 limit 1
     )`,
    [kept],
  );
}
