import { createInterface } from 'node:readline/promises';
import { CommandFailed } from '../errors/command-failed';

/**
 * Asks on a terminal before something is deleted; a pipe or a script is never asked. `yes`: the answer was given as an option.
 * @throws CommandFailed unless the answer is yes
 */
export async function confirmDeletion(what: string, yes = false): Promise<void> {
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return;
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  // Ctrl-C and Ctrl-D are a no.
  const refused = new Promise<string>((resolve) => asking.once('close', () => resolve('n')));
  const answer = await Promise.race([asking.question(`Delete ${what}? [y/N] `), refused]);
  asking.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailed('nothing was deleted');
}
