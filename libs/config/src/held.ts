import { once } from 'node:events';

/** The argument of a process that waits, once it has loaded, until `release` lets it begin. */
export const heldArgument = '--held';

/** What a parent sends to a process that it has started with `heldArgument`: what its environment lacked. */
export interface Release {
  environment: Record<string, string>;
}

/**
 * Resolves when this process may begin: at once, unless it was started as held. The local stack loads its processes while the database
 * that they need is created. Exits where the parent has died.
 */
export async function untilReleased(): Promise<void> {
  if (!process.argv.includes(heldArgument) || process.send === undefined) return;
  const leave = (): never => process.exit(1);
  process.on('disconnect', leave);
  const [{ environment }] = (await once(process, 'message')) as [Release];
  process.off('disconnect', leave);
  Object.assign(process.env, environment);
}
