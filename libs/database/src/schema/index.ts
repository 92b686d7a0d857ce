import { createHash } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { boardTokens } from './board-tokens';
import { claims } from './claims';
import { changesLogged } from './changes-logged';
import { commitWork } from './commit-work';
import { detailsDeleted } from './details-deleted';
import { endedBefore } from './ended-before';
import { memory } from './memory';
import { models } from './models';
import { refreshConfigurations } from './refresh-configurations';
import { shares } from './shares';
import { refreshReported } from './refresh-reported';
import { webhooks } from './webhooks';
import { stateMachines } from './state-machines';
import { trialsChanged } from './trials-changed';

/** The functions and triggers of the database, in the order in which they can be created; each statement replaces what is there. */
export const liveSchema: readonly string[] = [
  endedBefore,
  refreshConfigurations,
  refreshReported,
  commitWork,
  ...trialsChanged,
  ...detailsDeleted,
  ...changesLogged,
  ...boardTokens,
  ...stateMachines,
  ...memory,
  ...shares,
  ...claims,
  ...webhooks,
  ...models,
];

/** Identifies the text of all functions and triggers. */
export const schemaFingerprint = createHash('sha256').update(liveSchema.join(';\n')).digest('hex').slice(0, 16);

/**
 * Creates all functions and triggers anew: for migrations that change tables which they name, or that bring a new text. The migration
 * names the fingerprint that schema/ had when it was written: a spec requires that the newest such migration names the current one,
 * since databases that exist would otherwise keep the old text.
 */
export async function recreateLiveSchema(runner: QueryRunner, _fingerprint: string): Promise<void> {
  for (const statement of liveSchema) await runner.query(statement);
}
