import type { Command } from 'commander';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { say } from '../show/text';
import { example } from './command';

type Answer = { type: 'done'; statements: string[] } | { type: 'failed'; message: string };

/** Runs the API's program for grants. @throws CommandFailed with its message */
async function runProgram(what: 'print' | 'apply', role: string): Promise<string[]> {
  const entry = join(__dirname, '..', '..', '..', 'api', 'src', 'grants', 'main.js');
  const child = fork(entry, [what, role], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let answer: Answer = { type: 'failed', message: 'its process ended' };
  child.on('message', (message) => (answer = message as Answer));
  await new Promise((ended) => child.on('close', ended));
  const told = answer as Answer;
  if (told.type === 'failed') throw new CommandFailed(told.message, 2);
  return told.statements;
}

export function addDatabaseCommands(program: Command): void {
  program
    .command('database')
    .description('prepare PostgreSQL for a fleet')
    .command('grants <role>')
    .description('print the SQL that lets a role of PostgreSQL do what a worker needs, and nothing else')
    .option('--apply', 'make the grants in the database of DATABASE_URL, whose tables an API has created')
    .addHelpText('after', example('unroll database grants unroll_worker | psql "$DATABASE_URL"'))
    .action(async (role: string, { apply }: { apply?: boolean }) => {
      const statements = await runProgram(apply ? 'apply' : 'print', role);
      say(apply ? `${role} can do what a worker needs.` : statements.map((each) => `${each};`).join('\n'));
    });
}
