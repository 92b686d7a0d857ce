import type { Command } from 'commander';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { engineChoice } from '../engines';
import { runExample, sayIntroduction } from './example';
import { isTerminal, say } from '../show/text';
import { startStack, type Stack } from '../stack/stack';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  port?: number;
  workers: number;
  data?: string;
  engine: string;
  example?: boolean;
  exit?: boolean;
}

/** Resolves at the first Ctrl-C or SIGTERM. A second Ctrl-C has no effect: stopping takes seconds and loses nothing. */
function untilStopped(): { stopped: Promise<undefined>; isStopped: () => boolean } {
  let asked = false;
  const stopped = new Promise<undefined>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        if (!asked) say('\nStopping ...');
        asked = true;
        resolve(undefined);
      });
  });
  return { stopped, isStopped: () => asked };
}

/** The dashboard's address, signed in: the fragment is not sent to the server, and the page removes it from the address bar. */
function pageAddress(url: string, folder: string): string {
  const file = join(folder, 'key');
  // A key set in the environment belongs to a fleet and is not printed. Nor is any to a file, which others may read.
  if (process.env.UNROLL_KEY !== undefined || !existsSync(file) || !isTerminal()) return `${url} (asks for the key)`;
  return `${url}/#key=${readFileSync(file, 'utf8').trim()}`;
}

async function start(options: Options): Promise<void> {
  if (options.exit && !options.example)
    throw new CommandFailed('--exit requires --example: otherwise the stack would stop at once', 2);
  // Data, logs and checkpoints are for the eyes of this user only. The processes that it starts inherit this.
  process.umask(0o077);
  const { stopped, isStopped } = untilStopped();
  const folder = dataFolder(options.data);
  process.env.UNROLL_DATA = folder;
  if (options.example) sayIntroduction();
  const stack = await startStack({
    port: options.port,
    workers: options.workers,
    dataFolder: folder,
    engine: options.engine,
    say,
  });
  try {
    if (options.example) await playExample(stack, { ...options, folder }, stopped, isStopped);
    else {
      say(`Unroll runs at ${stack.url} (API: ${stack.url}/docs). The key is in ${folder}/key. Press Ctrl-C to stop.`);
      say(`Dashboard: ${pageAddress(stack.url, folder)}`);
      say('Next: npx unroll init, then npx unroll sweep submit sweep.yaml --watch');
    }
    if (options.exit || isStopped()) return;
    const reason = await Promise.race([stopped, stack.broken]);
    if (reason !== undefined && !isStopped()) throw new CommandFailed(reason);
  } finally {
    await stack.stop();
  }
}

async function playExample(
  stack: Stack,
  { exit, folder }: Options & { folder: string },
  stopped: Promise<undefined>,
  isStopped: () => boolean,
): Promise<void> {
  const outcome = await Promise.race([runExample(stack.url, isStopped), stack.broken, stopped]);
  if (isStopped()) return;
  if (typeof outcome === 'string') throw new CommandFailed(outcome);
  if (!outcome) process.exitCode = 1;
  say();
  if (exit) return say('Next: npx unroll start, then npx unroll sweep submit --text MY.txt --watch');
  say(`Unroll runs at ${stack.url} (API: ${stack.url}/docs). Press Ctrl-C to stop.`);
  say(`Dashboard: ${pageAddress(stack.url, folder)}`);
  say('Next, in another terminal: npx unroll sweep submit --text MY.txt --watch');
}

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('start PostgreSQL, the API and workers on this machine')
    .option('--port <port>', 'port of the API (default: 4000, or the next free one)', wholeNumber(0, 65_535))
    .option('--workers <n>', 'worker processes', wholeNumber(0, 64), 1)
    .option('--data <folder>', 'data folder (default: .unroll)')
    .option('--engine <engine>', engineChoice, 'auto')
    .option('--example', 'run the example sweep first')
    .option('--exit', 'exit after the example')
    .addHelpText('after', example('unroll start', 'unroll start --port 8080 --workers 2'))
    .action(start);
}
