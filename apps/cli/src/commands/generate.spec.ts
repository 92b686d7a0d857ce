import { drawing, generateBody, validate } from '@unroll/contracts';
import { Command, CommanderError } from 'commander';
import { addGenerateCommand } from './generate';

/** What the command reads from an option, without running it; its one line where it refuses it. */
function read(key: string, value: string): unknown {
  const program = new Command();
  addGenerateCommand(program);
  const command = program.commands[0]!.exitOverride().configureOutput({ writeErr: () => undefined });
  command.action(() => undefined);
  const option = `--${key.replaceAll(/[A-Z]/g, (each) => `-${each.toLowerCase()}`)}`;
  try {
    program.parse(['generate', 'model', '--prompt', '', option, value], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.message;
    throw error;
  }
  return command.opts<Record<string, unknown>>()[key];
}

const isTaken = (key: string, value: number): boolean => {
  try {
    validate(generateBody, { prompt: '', [key]: value });
    return true;
  } catch {
    return false;
  }
};

describe('unroll generate', () => {
  const values = [-1, 0, 0.4, 1, 1.5, 2, 64, 65, 99, 100, 100.5, 100_000, 100_001, 2 ** 32 - 1, 2 ** 32];
  const keys = Object.keys(drawing) as (keyof typeof drawing)[];

  it.each([...keys, 'length'])('takes the values of %s that unroll serve takes', (key) => {
    const taken = values.filter((value) => read(key, String(value)) === value);
    expect(taken).toEqual(values.filter((value) => isTaken(key, value)));
    expect(taken.length).toBeGreaterThan(0);
  });

  it('says what a value must be', () => {
    expect(read('topP', '1')).toBe(1);
    expect(read('topP', '1.5')).toContain('must be at most 1, not 1.5.');
    expect(read('temperature', '')).toContain('must be a number, not "".');
    expect(read('topK', '0x10')).toContain('must be a number, not "0x10".');
    expect(read('beam', '65')).toContain('must be at most 64, not 65.');
  });
});
