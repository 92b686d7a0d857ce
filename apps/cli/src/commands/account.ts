import type { Me } from '@unroll/contracts';
import type { Command } from 'commander';
import { apiUrl, call, withoutSlash } from '../api/client';
import { readCredentials, writeCredentials } from '../api/credentials';
import { CommandFailed } from '../errors/command-failed';
import { readSecret } from '../input/secret';
import { say, sayJson } from '../show/text';
import { example } from './command';

const article = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);
const inWords = ({ member, role, team }: Me): string => `${member}, ${article(role)} of the team ${team}`;

async function login(address: string): Promise<void> {
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new CommandFailed(`${address}: must be an address such as https://unroll.example.org`, 2);
  const url = withoutSlash(address);
  const key = await readSecret(`Key for ${url} (not shown): `);
  if (!/^[\x21-\x7e]+$/.test(key)) throw new CommandFailed('no key was given: type or pipe one in', 2);
  const me = await call<Me>('/v1/me', { connection: { url, key } });
  const { keys } = readCredentials();
  const path = writeCredentials({ current: url, keys: { ...keys, [url]: key } });
  say(`Signed in to ${url} as ${inWords(me)}. The key is stored in ${path}.`);
}

function logout(address: string | undefined): void {
  const { current, keys } = readCredentials();
  const url = address === undefined ? current : withoutSlash(address);
  if (url === undefined || keys[url] === undefined)
    throw new CommandFailed(url === undefined ? 'you are not signed in' : `there is no stored key for ${url}`, 2);
  const { [url]: _, ...others } = keys;
  writeCredentials({ current: current === url ? Object.keys(others)[0] : current, keys: others });
  say(`Signed out of ${url}. The key stays valid: revoke it with unroll key revoke.`);
}

async function whoami({ json }: { json?: boolean }): Promise<void> {
  const me = await call<Me>('/v1/me');
  if (json) return sayJson(me);
  say(`You are ${inWords(me)}, at ${apiUrl()}.`);
}

export function addAccountCommands(program: Command): void {
  program
    .command('login <url>')
    .description('store a key for an API: it asks for the key, or reads it from a pipe')
    .addHelpText(
      'after',
      example('unroll login https://unroll.example.org', 'unroll login http://10.0.0.5:4000 < key.txt'),
    )
    .action(login);
  program
    .command('logout [url]')
    .description('remove a stored key')
    .addHelpText('after', example('unroll logout', 'unroll logout https://unroll.example.org'))
    .action(logout);
  program
    .command('whoami')
    .description('show whose key is used, its role, team and API')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll whoami'))
    .action(whoami);
}
