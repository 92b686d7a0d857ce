import { suggestion, taskKinds, type TaskKind } from '@unroll/contracts';
import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { dataFolder } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { readInstance } from '../stack/instance';
import { commentedSweep } from '../templates';
import { say } from '../show/text';
import { example } from './command';

const isTask = (text: string): text is TaskKind => (taskKinds as readonly string[]).includes(text);

export function addInitCommand(program: Command): void {
  program
    .command('init [task]')
    .description(`write a commented sweep file that editors complete; task: ${taskKinds.join(', ')}`)
    .option('-o, --output <file>', 'where to', 'sweep.yaml')
    .addHelpText('after', example('unroll init', 'unroll init forecasting -o sales.yaml'))
    .action(async (task: string | undefined, { output }: { output: string }) => {
      if (task !== undefined && !isTask(task))
        throw new CommandFailed(`${task}: must be one of ${taskKinds.join(', ')}${suggestion(task, taskKinds)}`, 2);
      const url = process.env.UNROLL_URL ?? readInstance(dataFolder())?.url ?? 'http://127.0.0.1:4000';
      await writeFile(output, commentedSweep(`${url}/v1/schema/sweep.json`, task), { flag: 'wx' }).catch(
        (error: NodeJS.ErrnoException) => {
          const why =
            error.code === 'EEXIST'
              ? 'is already there: give another file with -o'
              : `cannot be written (${error.code})`;
          throw new CommandFailed(`${output} ${why}`, 2);
        },
      );
      say(`Wrote ${output}. Change it to your liking, then: npx unroll sweep submit ${output} --watch`);
    });
}
