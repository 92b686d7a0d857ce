import { readConfig } from '@unroll/config';
import type { Command } from 'commander';
import { fork } from 'node:child_process';
import { join, resolve } from 'node:path';
import { dataFolder } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { note, say } from '../show/text';
import { hasDatabase, startPostgres } from '../stack/embedded-postgres';
import { readInstance, removeInstance, takeDataFolder } from '../stack/instance';
import { example } from './command';

type What = 'backup' | 'restore';

interface Figures {
  rows: number;
  artifacts: number;
  missing: number;
  version: string;
}

type Message = { type: 'progress'; text: string } | ({ type: 'done' } & Figures) | { type: 'failed'; message: string };

/** Runs the API's program for backups on a database. @throws CommandFailed with its message */
async function runProgram(what: What, folder: string, environment: NodeJS.ProcessEnv): Promise<Figures> {
  const entry = join(__dirname, '..', '..', '..', 'api', 'src', 'backup', 'main.js');
  const child = fork(entry, [what, folder], { env: environment, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let figures: Figures | undefined;
  let failure = 'its process ended';
  child.on('message', (message) => {
    const said = message as Message;
    if (said.type === 'done') figures = said;
    if (said.type === 'failed') failure = said.message;
    if (said.type === 'progress' && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${said.text}`);
  });
  await new Promise((ended) => child.on('close', ended));
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  if (!figures) throw new CommandFailed(failure);
  return figures;
}

/** Calls `use` with the environment of an API on the database: of DATABASE_URL, or of the local stack, which is started for it. */
async function withDatabase<Result>(
  what: What,
  data: string,
  use: (environment: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl } = readConfig(process.env, { needsDatabase: false });
  if (databaseUrl) return use(process.env);
  if (what === 'backup' && !hasDatabase(data))
    throw new CommandFailed(`${data} has no database: name the data folder by --data, or set DATABASE_URL`, 2);
  // A running stack may be saved; nothing else may use its folder meanwhile.
  const isRunning = readInstance(data)?.url !== undefined;
  if (what === 'restore' || !isRunning) await takeDataFolder(data, note);
  const postgres = await startPostgres(data, note);
  try {
    return await use({ ...process.env, DATABASE_URL: postgres.url, UNROLL_DATA: data });
  } finally {
    if (!postgres.adopted || !isRunning) await postgres.stop();
    if (what === 'restore' || !isRunning) removeInstance(data);
  }
}

const inText = ({ rows, artifacts, missing }: Figures): string =>
  `${rows.toLocaleString('en')} rows and ${artifacts.toLocaleString('en')} artifact${artifacts === 1 ? '' : 's'}` +
  (missing > 0 ? `; ${missing} checkpoints were superseded meanwhile: their trials would start over` : '');

export function addBackupCommands(program: Command): void {
  const dataOption = ['--data <folder>', 'data folder of the local stack (default: .unroll)'] as const;
  program
    .command('backup <folder>')
    .description('save the database, and the artifacts that it names, as of one moment; Unroll may run meanwhile')
    .option(...dataOption)
    .addHelpText('after', example('unroll backup /backups/unroll-2026-11-29'))
    .action(async (folder: string, { data }: { data?: string }) => {
      process.umask(0o077);
      const figures = await withDatabase('backup', dataFolder(data), (environment) =>
        runProgram('backup', resolve(folder), environment),
      );
      say(`Saved ${inText(figures)} to ${folder}.`);
    });
  program
    .command('restore <folder>')
    .description('fill an empty database, and a store, from a backup of this or an earlier version')
    .option(...dataOption)
    .addHelpText('after', example('unroll restore /backups/unroll-2026-11-29 --data .unroll-restored'))
    .action(async (folder: string, { data }: { data?: string }) => {
      process.umask(0o077);
      const figures = await withDatabase('restore', dataFolder(data), (environment) =>
        runProgram('restore', resolve(folder), environment),
      );
      say(`Restored ${inText(figures)} of Unroll ${figures.version} from ${folder}.`);
    });
}
