import { suggestion, taskKinds, type TaskKind } from '@unroll/contracts';
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataFolder } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { sampleOf, writeSample } from '../input/sample-data';
import { readInstance } from '../stack/instance';
import { commentedSweep } from '../templates';
import { say } from '../show/text';
import { example } from './command';

const isTask = (text: string): text is TaskKind => (taskKinds as readonly string[]).includes(text);

const refusal = (path: string, { code, message }: NodeJS.ErrnoException): CommandFailed =>
  new CommandFailed(
    `${path} ${code === 'EEXIST' ? 'already exists: choose another file with -o' : `cannot be written (${code ?? message})`}`,
    2,
  );

async function init(task: string | undefined, { output }: { output: string }): Promise<void> {
  if (task !== undefined && !isTask(task))
    throw new CommandFailed(`${task}: must be one of ${taskKinds.join(', ')}${suggestion(task, taskKinds)}`, 2);
  const sample = task && sampleOf(task);
  const folder = dirname(output);
  if (sample !== undefined && existsSync(join(folder, sample)))
    throw new CommandFailed(`${join(folder, sample)} already exists: choose a file in another folder with -o`, 2);
  const url = process.env.UNROLL_URL ?? readInstance(dataFolder())?.url ?? 'http://127.0.0.1:4000';
  await writeFile(output, commentedSweep(`${url}/v1/schema/sweep.json`, task), { flag: 'wx' }).catch(
    (error: NodeJS.ErrnoException) => {
      throw refusal(output, error);
    },
  );
  if (sample !== undefined) {
    await writeSample(task!, folder);
    say(`Wrote ${join(folder, sample)}, made-up data for it.`);
  }
  say(`Wrote ${output}. Edit it, then run: npx unroll sweep submit ${output} --watch`);
}

export function addInitCommand(program: Command): void {
  program
    .command('init [task]')
    .description(`create a commented sweep file with editor completion; task: ${taskKinds.join(', ')}`)
    .option('-o, --output <file>', 'the file to write', 'sweep.yaml')
    .addHelpText('after', example('unroll init', 'unroll init forecasting -o sales.yaml'))
    .action(init);
}
