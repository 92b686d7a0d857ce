import { createHash } from 'node:crypto';
import type { QueryRunner } from 'typeorm';
import { boardTokens } from './board-tokens';
import { changesLogged } from './changes-logged';
import { refreshConfigurations } from './refresh-configurations';
import { stateMachines } from './state-machines';
import { trialsChanged } from './trials-changed';

/** The functions and triggers of the database, in the order in which they can be created; each statement replaces what is there. */
export const liveSchema: readonly string[] = [
  refreshConfigurations,
  ...trialsChanged,
  ...changesLogged,
  ...boardTokens,
  ...stateMachines,
];

/**
 * Identifies the text of all functions and triggers. The newest migration that recreates them names it: who edits one of these files adds a
 * migration, or databases that exist keep the old text.
 */
export const schemaFingerprint = createHash('sha256').update(liveSchema.join(';\n')).digest('hex').slice(0, 16);

/** Creates all functions and triggers anew. A migration calls it after it has changed tables that they name. */
export async function recreateLiveSchema(runner: QueryRunner): Promise<void> {
  for (const statement of liveSchema) await runner.query(statement);
}
