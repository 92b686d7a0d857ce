import type { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { dataFolder } from '../api-client';
import { CommandFailed } from '../command-failed';
import { readInstance } from '../stack/instance';
import { commentedSweep } from '../templates';
import { say } from '../show/text';
import { example } from './command';

const tasks = ['language-model'];

export function addInitCommand(program: Command): void {
  program
    .command('init [task]')
    .description('write a commented sweep file that editors complete')
    .option('-o, --output <file>', 'where to', 'sweep.yaml')
    .addHelpText('after', example('unroll init', 'unroll init language-model -o sweeps/characters.yaml'))
    .action(async (task: string | undefined, { output }: { output: string }) => {
      if (task !== undefined && !tasks.includes(task))
        throw new CommandFailed(`${task}: must be one of ${tasks.join(', ')}`, 2);
      const url = process.env.UNROLL_URL ?? readInstance(dataFolder())?.url ?? 'http://127.0.0.1:4000';
      await writeFile(output, commentedSweep(`${url}/v1/schema/sweep.json`), { flag: 'wx' }).catch(
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
