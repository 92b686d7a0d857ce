import 'reflect-metadata';
import { ConfigError } from '@unroll/config';
import { ValidationError } from '@unroll/contracts';
import { DatasetError } from '@unroll/datasets';
import { CommanderError } from 'commander';
import { CommandFailed } from './errors/command-failed';
import { program } from './commands/program';
import { complain } from './show/text';

/** The one-line message for an error, and the exit code: 2 for bad usage, 1 for anything else. */
function verdict(error: unknown): { line: string; code: number } {
  if (error instanceof CommandFailed) return { line: error.message, code: error.exitCode };
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return { line: '', code: 0 };
    return {
      line: error.message.replace(/^error: /, ''),
      code: error.code === 'commander.help' ? 0 : 2,
    };
  }
  if (error instanceof ValidationError || error instanceof ConfigError || error instanceof DatasetError)
    return { line: error.message, code: 2 };
  return { line: error instanceof Error ? error.message : String(error), code: 1 };
}

/** Runs the command that the arguments of this process name, and exits. */
export function run(): void {
  // A closed pipe, as in "unroll sweep list | head", is not an error.
  for (const output of [process.stdout, process.stderr])
    output.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  program(process.argv.slice(2))
    .parseAsync()
    .then(() => exit())
    .catch((error: unknown) => {
      const { line, code } = verdict(error);
      if (line && line !== '(outputHelp)') complain(`unroll: ${line.trim().replaceAll(/\s*\n\s*/g, ' ')}`);
      exit(code);
    });
}

/** Exits once both outputs are written: what a pipe has no room for would be lost. */
function exit(code = Number(process.exitCode ?? 0)): void {
  const outputs = [process.stdout, process.stderr];
  const written = outputs.map((output) => new Promise((resolve) => output.write('', resolve)));
  void Promise.all(written).then(() => process.exit(code));
}
