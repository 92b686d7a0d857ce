import { readConfig } from '@unroll/config';
import type { Command } from 'commander';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { CommandFailed } from '../errors/command-failed';
import { chooseGpu, gpuChoice } from '../engines';
import { example } from './command';
import { wholeNumber } from './options';

interface Options {
  engine?: string;
  gpu?: string;
  lanes?: string;
  slots?: number;
}

/** Runs a worker in this terminal until it is stopped. */
async function worker({ engine: wanted, gpu, lanes, slots }: Options): Promise<void> {
  const engine = gpu === undefined ? wanted : chooseGpu(gpu, wanted ?? 'auto');
  const environment = {
    ...process.env,
    ...(engine === undefined ? {} : { UNROLL_ENGINE: engine }),
    ...(lanes === undefined || lanes === 'auto' ? {} : { UNROLL_LANES: lanes }),
    ...(slots === undefined ? {} : { UNROLL_SLOTS: String(slots) }),
  };
  readConfig(environment);
  const entry = join(__dirname, '..', '..', '..', 'worker', 'src', 'main.js');
  // The terminal's signals reach the worker by us alone, once.
  const child = fork(entry, [], { env: environment, detached: true, stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code) throw new CommandFailed('', 1);
}

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('join a fleet: reads DATABASE_URL, REDIS_URL and ARTIFACTS_URL')
    .option('--engine <engine>', 'auto, tensorflow, webgpu, native, wasm or cpu')
    .option('--gpu <gpu>', gpuChoice)
    .option('--lanes <n|auto>', 'trials trained side by side in a slot at most; auto: as many as its memory holds')
    .option('--slots <n>', 'trainers of this worker', wholeNumber(1, 64))
    .addHelpText(
      'after',
      example('DATABASE_URL=postgres://... REDIS_URL=redis://... ARTIFACTS_URL=file:///shared unroll worker'),
    )
    .action(worker);
}
