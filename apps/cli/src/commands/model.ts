import { limits, type ModelVersionView, type Page, type RegisteredModel } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { confirmDeletion } from '../input/confirm';
import { table } from '../show/table';
import { number, say, sayJson } from '../show/text';
import { example } from './command';
import { collect, wholeNumber } from './options';
import { sendJson } from './send-json';

const path = (name: string, rest = ''): string => `/v1/models/${encodeURIComponent(name)}${rest}`;

interface RegisterOptions {
  alias?: string[];
  note?: string;
  json?: boolean;
}

async function register(trial: string, name: string, { alias: aliases, note, json }: RegisterOptions): Promise<void> {
  const made = await sendJson<ModelVersionView>('POST', path(name, '/versions'), { trial, note, aliases });
  if (json) return sayJson(made);
  const pointing = made.aliases.length > 0 ? `, ${made.aliases.join(', ')}` : '';
  say(`Registered the model of trial ${made.trialId} as ${name}:${made.version}${pointing}.`);
}

/** All registered models, page by page. */
async function everyModel(): Promise<RegisteredModel[]> {
  const all: RegisteredModel[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<RegisteredModel> = await call('/v1/models', { query: { limit: limits.page, cursor } });
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** A row for each version. */
function show(models: readonly RegisteredModel[]): void {
  const rows = models.flatMap(({ name, versions }) =>
    versions.map(({ version, aliases, trialId, task, dataset, metric, value, author, createdAt, note }) => [
      ...[`${name}:${version}`, aliases.join(', '), trialId, task, dataset, `${metric} ${number(value)}`],
      ...[author, createdAt.slice(0, 16).replace('T', ' '), note.split('\n', 1)[0]!],
    ]),
  );
  say(table(['model', 'aliases', 'trial', 'task', 'data', 'value', 'by', 'registered (UTC)', 'note'], rows));
}

async function list(name: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const models = name === undefined ? await everyModel() : [await call<RegisteredModel>(path(name))];
  if (json) return sayJson(name === undefined ? models : models[0]);
  if (models.length === 0) return say('No registered models: make one with unroll model register best NAME.');
  show(models);
}

async function alias(
  name: string,
  alias: string,
  version: number | undefined,
  { delete: deletes, json }: { delete?: boolean; json?: boolean },
): Promise<void> {
  if ((version === undefined) !== (deletes === true))
    throw new CommandFailed('give the version that it points at from now on, or --delete', 2);
  if (version === undefined) {
    await call(path(name, `/aliases/${encodeURIComponent(alias)}`), { method: 'DELETE' });
    return say(`Deleted the alias ${name}@${alias}.`);
  }
  const model = await sendJson<RegisteredModel>('POST', path(name, '/aliases'), { alias, version });
  if (json) return sayJson(model);
  say(`${name}@${alias} is version ${version}.`);
}

async function remove(given: string, { yes }: { yes?: boolean }): Promise<void> {
  const [, name = given, version] = /^(.*):(\d+)$/.exec(given) ?? [];
  await confirmDeletion(version === undefined ? `the model ${name} with all its versions` : given, yes);
  await call(path(name, version === undefined ? '' : `/versions/${version}`), { method: 'DELETE' });
  say(`Deleted ${given}. The model of its trial is still there.`);
}

export function addModelCommands(program: Command): void {
  const model = program.command('model').description('register models under names with versions and aliases');
  model
    .command('register <trial> <name>')
    .description('register the model of a trial (its id, best or SWEEP:best) as the next version of a name')
    .option('--alias <alias>', 'an alias, such as champion, that points at it from now on; repeatable', collect)
    .option('--note <text>', 'what it is')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll model register best reader --alias champion'))
    .action(register);
  model
    .command('list [name]')
    .description('list registered models, or the versions of one')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll model list', 'unroll model list reader'))
    .action(list);
  model
    .command('alias <name> <alias>')
    .argument('[version]', 'the version that it points at from now on', wholeNumber(1, limits.modelVersions))
    .description('point an alias at a version, whatever it pointed at before')
    .option('--delete', 'delete the alias')
    .option('--json', 'print the model as JSON')
    .addHelpText('after', example('unroll model alias reader champion 3', 'unroll serve reader@champion'))
    .action(alias);
  model
    .command('delete <name>')
    .description('delete a registered model, or NAME:VERSION; the models of the trials are not deleted')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', example('unroll model delete reader:1'))
    .action(remove);
}
