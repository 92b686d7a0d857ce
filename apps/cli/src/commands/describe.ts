import { priorities, type Priority, type SweepView, type TrialView } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { readText } from '../input/documents';
import { say, sayJson } from '../show/text';
import { example } from './command';
import { collect } from './options';
import { sendJson } from './send-json';

interface Options {
  name?: string;
  priority?: Priority;
  note?: string;
  noteFile?: string;
  tag: string[];
  untag: string[];
  json?: boolean;
}

type Described = Pick<SweepView | TrialView, 'id' | 'note' | 'tags'> & { name?: string; priority?: Priority };

/** Changes what is written about a configuration, by one of its trials. */
async function describeConfiguration(trial: string, options: Options): Promise<void> {
  const path = `/v1/trials/${encodeURIComponent(trial)}`;
  const words = ({ id, configurationNote, configurationTags }: TrialView): Described => ({
    ...{ id, note: configurationNote, tags: configurationTags },
  });
  const before = async (): Promise<string[]> => (await call<TrialView>(path)).configurationTags;
  const changed = await sendJson<TrialView>('PATCH', `${path}/configuration/details`, await changesOf(options, before));
  if (options.json) return sayJson(changed);
  sayDescribed('The configuration of trial', words(changed), options);
}

async function describe(path: string, thing: string, options: Options): Promise<void> {
  const before = async (): Promise<string[]> => (await call<Described>(path)).tags;
  const changed = await sendJson<Described>('PATCH', `${path}/details`, await changesOf(options, before));
  if (options.json) return sayJson(changed);
  sayDescribed(thing, changed, options);
}

/** What the options change. `tagsBefore`: asked for where tags are added or removed. @throws CommandFailed */
async function changesOf(options: Options, tagsBefore: () => Promise<string[]>): Promise<object> {
  const { name, priority, note, noteFile, tag, untag } = options;
  if (note !== undefined && noteFile !== undefined)
    throw new CommandFailed('give the note with --note or with --note-file, not both', 2);
  const retagged = tag.length + untag.length > 0;
  if (name === undefined && priority === undefined && note === undefined && noteFile === undefined && !retagged)
    throw new CommandFailed('give something to change: --note, --tag or --untag', 2);
  const before = retagged ? await tagsBefore() : [];
  const tags = [...new Set([...before, ...tag])].filter((each) => !untag.includes(each));
  return {
    ...(name === undefined ? {} : { name }),
    ...(priority === undefined ? {} : { priority }),
    ...(note === undefined && noteFile === undefined ? {} : { note: note ?? (await readText(noteFile!)) }),
    ...(retagged ? { tags } : {}),
  };
}

function sayDescribed(thing: string, changed: Described, { priority }: Options): void {
  const tagged = changed.tags.length > 0 ? `tags ${changed.tags.join(', ')}` : 'no tags';
  say(
    `${thing} ${changed.id}${changed.name ? ` (${changed.name})` : ''} has ${tagged} and ${changed.note ? 'a note' : 'no note'}` +
      `${priority === undefined ? '' : `, and the priority ${changed.priority}`}.`,
  );
}

const describing = (command: Command): Command =>
  command
    .option('--note <markdown>', 'replace the note')
    .option('--note-file <file>', 'replace the note with the contents of a file')
    .option('--tag <tag>', 'add a tag; repeatable', collect, [])
    .option('--untag <tag>', 'remove a tag; repeatable', collect, [])
    .option('--json', 'print it as JSON');

/** `unroll sweep describe`, `archive` and `restore`. */
export function addSweepDetailCommands(sweep: Command): void {
  describing(
    sweep
      .command('describe <id>')
      .description("change a sweep's name, note, tags or priority")
      .option('--name <name>', 'rename it')
      .addOption(new Option('--priority <priority>', 'among the sweeps of its owner').choices(priorities)),
  )
    .addHelpText(
      'after',
      example(
        'unroll sweep describe last --name "GRU, wider" --tag paper',
        'unroll sweep describe last --note-file findings.md',
        'unroll sweep describe q7k2m9xa --priority high',
      ),
    )
    .action((id: string, options: Options) => describe(`/v1/sweeps/${encodeURIComponent(id)}`, 'Sweep', options));
  for (const [verb, archived] of [
    ['archive', true],
    ['restore', false],
  ] as const)
    sweep
      .command(`${verb} <id>`)
      .description(archived ? 'leave a sweep out of the list; nothing of it is lost' : 'bring an archived sweep back')
      .addHelpText('after', example(`unroll sweep ${verb} q7k2m9xa`))
      .action(async (id: string) => {
        const view = await sendJson<SweepView>('PATCH', `/v1/sweeps/${encodeURIComponent(id)}/details`, { archived });
        say(`Sweep ${view.id} is ${archived ? 'archived: unroll sweep list --archived shows it' : 'listed again'}.`);
      });
}

const pinPath = (id: string): string => `/v1/trials/${encodeURIComponent(id)}/pin`;

async function pin(id: string): Promise<void> {
  await call(pinPath(id), { method: 'POST' });
  say(`The configuration of trial ${id} is the baseline of its board.`);
}

async function unpin(id: string): Promise<void> {
  await call(pinPath(id), { method: 'DELETE' });
  say(`The configuration of trial ${id} is not the baseline of its board.`);
}

/** `unroll trial describe`, `pin` and `unpin`. */
export function addTrialDetailCommands(trial: Command): void {
  describing(
    trial
      .command('describe <id>')
      .description("change a trial's note or tags")
      .option('--configuration', 'those of its configuration, which all its seeds share'),
  )
    .addHelpText(
      'after',
      example(
        'unroll trial describe q7k2m9xa --note "diverges from update 300 on" --tag check',
        'unroll trial describe best --configuration --tag paper',
      ),
    )
    .action((id: string, { configuration, ...options }: Options & { configuration?: boolean }) =>
      configuration
        ? describeConfiguration(id, options)
        : describe(`/v1/trials/${encodeURIComponent(id)}`, 'Trial', options),
    );
  trial
    .command('pin <id>')
    .description('compare all others of its board with its configuration')
    .addHelpText('after', example('unroll trial pin best'))
    .action(pin);
  trial
    .command('unpin <id>')
    .description('no longer compare others of its board with its configuration')
    .addHelpText('after', example('unroll trial unpin q7k2m9xa'))
    .action(unpin);
}
