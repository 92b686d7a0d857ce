import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';

/** The API that `unroll login` was last used for, and the key of each by address. */
export interface Credentials {
  current: string | undefined;
  keys: Record<string, string>;
}

const file = (): string => {
  const folder = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  return join(folder, 'unroll', 'credentials.json');
};

/** @throws CommandFailed if the file is not what `unroll login` writes */
export function readCredentials(): Credentials {
  const path = file();
  if (!existsSync(path)) return { current: undefined, keys: {} };
  try {
    const { current, keys } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Credentials>;
    return { current, keys: { ...keys } };
  } catch {
    throw new CommandFailed(`${path}: is not JSON: remove it, and run "unroll login" again`);
  }
}

/** Stores them for the eyes of this user only; returns the path of the file. Without keys there is none. */
export function writeCredentials(credentials: Credentials): string {
  const path = file();
  if (Object.keys(credentials.keys).length === 0) rmSync(path, { force: true });
  else {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    // A file that is replaced gets the mode again.
    rmSync(path, { force: true });
    writeFileSync(path, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  }
  return path;
}
