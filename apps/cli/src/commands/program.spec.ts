import type { Command } from 'commander';
import { program } from './program';

const visible = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help');
const leaves = (command: Command, path: string[] = []): [string, Command][] =>
  // The help command lists the others, and an old name is hidden.
  visible(command).flatMap((each): [string, Command][] => {
    const name = [...path, each.name()];
    return each.commands.length > 0 ? leaves(each, name) : [[name.join(' '), each]];
  });

/** What `--help` prints. */
function help(command: Command): string {
  let printed = '';
  command.configureOutput({ writeOut: (text) => (printed += text) });
  command.outputHelp();
  return printed;
}

describe('the help of a command', () => {
  const all = leaves(program());

  it('is there for each', () => {
    expect(all.map(([name]) => name)).toEqual(
      expect.arrayContaining(['start', 'sweep submit', 'trial model', 'doctor']),
    );
  });

  it.each(all)('of %s says what it does, with an example', (name, command) => {
    expect(command.description()).not.toBe('');
    expect(help(command)).toMatch(/Examples?:\n {2}\S/);
    expect(help(command)).toContain(`unroll ${name}`);
  });
});
