import type { Command } from 'commander';

/** A part of the command line; each file here adds its commands to the program. */
export type AddCommands = (program: Command) => void;

/** What stands under a command's help. */
export const example = (...lines: string[]): string =>
  `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
