import { engineNames, registeredKinds, taskKinds } from '@unroll/contracts';
import { Argument, type Command } from 'commander';
import { say } from '../show/text';
import { example } from './command';

const shells = ['bash', 'zsh', 'fish'] as const;

/** Values of options and arguments that are not declared as choices, by their names. */
const optionValues: Readonly<Record<string, readonly string[]>> = {
  engine: ['auto', ...engineNames],
  kind: registeredKinds,
  format: ['table', 'json', 'jsonl', 'csv'],
  order: ['best', 'asc', 'desc'],
};

/** What an argument of a command may be, beside ids and files. */
function argumentValues(command: string, argument: string): readonly string[] {
  if (command === 'init') return taskKinds;
  if (argument === 'model' || argument === 'models' || command.startsWith('trial ') || command === 'compare')
    return command === 'trial list' ? ['last'] : ['best', 'last'];
  return argument === 'id' || argument === 'sweep' ? ['last'] : [];
}

/** Prints what may follow the words of a command line, for the script of a shell. `instance`: the program without these commands. */
async function suggest(instance: Command, words: string[]): Promise<void> {
  const [{ default: tab }, { ShellCompDirective }] = await Promise.all([
    import('@bomb.sh/tab/commander'),
    import('@bomb.sh/tab'),
  ]);
  // Where nothing is suggested, the shell completes names of files: the library would always say that there are none.
  ShellCompDirective.ShellCompDirectiveNoFileComp = ShellCompDirective.ShellCompDirectiveDefault;
  const root = tab(instance);
  const offer = (values: readonly string[]) => (complete: (value: string, description: string) => void) => {
    for (const value of values) complete(value, '');
  };
  for (const [name, command] of root.commands) {
    for (const [option, { handler }] of command.options) {
      const own = command.options.get(option)!;
      if (optionValues[option] && own.isBoolean !== true) own.handler = handler && offer(optionValues[option]);
    }
    for (const argument of command.arguments.values()) argument.handler ??= offer(argumentValues(name, argument.name));
  }
  root.parse(words);
}

/** Adds the command that prints a shell's completion script, and the hidden one that the script calls. */
export const addCompletionCommands =
  (bare: () => Command) =>
  (program: Command): void => {
    program
      .command('completion')
      .addArgument(new Argument('<shell>', 'the shell').choices(shells))
      .description('print the completion script of a shell')
      .addHelpText(
        'after',
        example('source <(unroll completion bash)', 'unroll completion fish > ~/.config/fish/completions/unroll.fish'),
      )
      .action(async (shell: (typeof shells)[number]) => {
        const { script } = await import('@bomb.sh/tab');
        script(shell, 'unroll', 'unroll');
        // Where nothing is suggested, names of files are.
        if (shell === 'bash') say('complete -o default -F __unroll_complete unroll');
      });
    program
      .command('complete', { hidden: true })
      .argument('[words...]')
      .action((words: string[]) => suggest(bare(), words));
  };
