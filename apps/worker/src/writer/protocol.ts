import type { GenerateBody } from '@unroll/contracts';

/** The messages between a worker and its writer. */

export interface WriteCommand {
  type: 'write';
  id: string;
  /** The artifact of the model that answers. */
  model: string;
  body: GenerateBody;
}

export type ToWriter = WriteCommand /** Nobody waits for it any longer. */ | { type: 'stop'; id: string };

export type FromWriter =
  | { type: 'ready' }
  | { type: 'unavailable'; message: string }
  | { type: 'piece'; id: string; piece: string }
  /** `message`: why it failed. */
  | { type: 'end'; id: string; message?: string };
