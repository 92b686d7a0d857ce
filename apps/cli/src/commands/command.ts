import type { Command } from 'commander';

/** Adds one or more commands to the program. */
export type AddCommands = (program: Command) => void;

/** The examples below a command's help. */
export const example = (...lines: string[]): string =>
  `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
