import { readConfig } from '@unroll/config';
import type { Command } from 'commander';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { chooseGpu, engineChoice, gpuChoice } from '../engines';
import { example } from './command';
import { addFleetCommands } from './fleet';
import { seconds, wholeNumber } from './options';

interface Options {
  engine?: string;
  gpu?: string;
  lanes?: string;
  slots?: number;
  label?: string[];
  exitWhenIdle?: number;
  maxTrials?: number;
  maxTime?: number;
}

/** Runs a worker in the foreground until it is stopped. */
async function worker(options: Options): Promise<void> {
  const { engine: wanted, gpu, lanes, slots, label, exitWhenIdle, maxTrials, maxTime } = options;
  const engine = gpu === undefined ? wanted : chooseGpu(gpu, wanted ?? 'auto');
  const environment = {
    ...process.env,
    ...(engine === undefined ? {} : { UNROLL_ENGINE: engine }),
    ...(lanes === undefined || lanes === 'auto' ? {} : { UNROLL_LANES: lanes }),
    ...(slots === undefined ? {} : { UNROLL_SLOTS: String(slots) }),
    ...(label === undefined ? {} : { UNROLL_LABELS: label.join(',') }),
    ...(exitWhenIdle === undefined ? {} : { UNROLL_EXIT_WHEN_IDLE: String(exitWhenIdle) }),
    ...(maxTrials === undefined ? {} : { UNROLL_MAX_TRIALS: String(maxTrials) }),
    ...(maxTime === undefined ? {} : { UNROLL_MAX_TIME: String(maxTime) }),
  };
  readConfig(environment);
  const entry = join(__dirname, '..', '..', '..', 'worker', 'src', 'main.js');
  // Detached, so that the worker receives the terminal's signals only from this process, once.
  const child = fork(entry, [], { env: environment, detached: true, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code) throw new CommandFailed('', 1);
}

export function addWorkerCommand(program: Command): void {
  const command = program
    .command('worker')
    .description('join a fleet: reads DATABASE_URL, REDIS_URL and ARTIFACTS_URL')
    .option('--engine <engine>', engineChoice)
    .option('--gpu <gpu>', gpuChoice)
    .option(
      '--lanes <n|auto>',
      'maximum number of trials trained side by side per slot; auto: as many as fit in memory',
    )
    .option('--slots <n>', 'number of trainers in this worker', wholeNumber(1, 64))
    .option('--label <name=value...>', 'labels that sweeps may require, such as gpu=a100')
    .option('--exit-when-idle <duration>', 'leave once there were no trials for so long, such as 60 or 5m', seconds)
    .option('--max-trials <n>', 'leave after training so many trials', wholeNumber(1, 1_000_000_000))
    .option('--max-time <duration>', 'leave after so long, such as 3600 or 8h; trials continue elsewhere', seconds)
    .addHelpText(
      'after',
      example('DATABASE_URL=postgres://... REDIS_URL=redis://... ARTIFACTS_URL=file:///shared unroll worker'),
    )
    .action(worker);
  addFleetCommands(command);
}
