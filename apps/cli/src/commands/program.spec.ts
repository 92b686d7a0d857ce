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

describe('a command line', () => {
  const names = program().commands.flatMap((command) => [command.name(), ...command.aliases()]);

  it.each(names)('that begins with %s has that command, with all its subcommands', (name) => {
    const own = program([name, 'any']);
    const find = (from: Command): Command => from.commands.find((each) => each.name() === name)!;
    expect(own.commands.length).toBeLessThan(names.length / 4);
    expect(help(find(own))).toBe(help(find(program())));
    expect(leaves(find(own)).map(([path]) => path)).toEqual(leaves(find(program())).map(([path]) => path));
    expect(program(['--quiet', name]).commands.map((each) => each.name())).toEqual(
      own.commands.map((each) => each.name()),
    );
  });

  it.each([[[]], [['help']], [['--help']], [['swep']]])('%j has every command', (words) => {
    expect(program(words).commands).toHaveLength(names.length);
  });
});
