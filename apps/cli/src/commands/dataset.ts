import { registeredKinds, type RegisteredKind, type DatasetView, type Page } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { allPages } from '../api/pages';
import { CommandFailed } from '../errors/command-failed';
import { addDataset } from '../input/register-dataset';
import { confirmDeletion } from '../input/confirm';
import { table } from '../show/table';
import { say } from '../show/text';
import { example } from './command';

const size = (bytes: number | null): string =>
  bytes === null ? '-' : bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
const row = ({ name, kind, bytes, builtIn, fingerprint }: DatasetView): string[] => [
  name,
  kind,
  size(bytes),
  builtIn ? 'yes' : '',
  fingerprint?.slice(0, 16) ?? '-',
];
const head = ['name', 'kind', 'size', 'built in', 'fingerprint'];

const isKind = (text: string): text is RegisteredKind => registeredKinds.some((kind) => kind === text);

export function addDatasetCommands(program: Command): void {
  const dataset = program.command('dataset').description('register, list and delete data sets');
  dataset
    .command('add <name> <path>')
    .description('register a file, or a folder of recordings or labelled texts, under a name')
    .requiredOption('--kind <kind>', `kind of data: ${registeredKinds.join(', ')}`)
    .option('--json', 'print it as JSON')
    .addHelpText(
      'after',
      example(
        'unroll dataset add shakespeare tinyshakespeare.txt --kind text',
        'unroll dataset add digits recordings/ --kind audio',
        'unroll dataset add glove glove.6B.100d.txt --kind vectors',
      ),
    )
    .action(async (name: string, path: string, { kind, json }: { kind: string; json?: boolean }) => {
      if (!isKind(kind)) throw new CommandFailed(`--kind ${kind}: must be one of ${registeredKinds.join(', ')}`, 2);
      await addDataset(name, path, kind);
      const view = await call<DatasetView>(`/v1/datasets/${encodeURIComponent(name)}`);
      say(
        json
          ? JSON.stringify(view, null, 2)
          : `Registered ${view.name}: ${size(view.bytes)}, fingerprint ${view.fingerprint?.slice(0, 16)}.`,
      );
      if (!json) for (const line of view.summary) say(line);
    });
  dataset
    .command('list')
    .description('list built-in and registered data sets')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll dataset list'))
    .action(async ({ json }: { json?: boolean }) => {
      const { items } = await allPages<Page<DatasetView>>('/v1/datasets');
      say(json ? JSON.stringify(items, null, 2) : table(head, items.map(row), [2]));
    });
  dataset
    .command('delete <name>')
    .description(
      'delete a data set that no running or paused sweep uses; trials that were trained on it stay; on a terminal, asks first',
    )
    .option('-y, --yes', 'delete without a question')
    .addHelpText('after', example('unroll dataset delete shakespeare'))
    .action(async (name: string, { yes }: { yes?: boolean }) => {
      await confirmDeletion(`the data set ${name}`, yes);
      await call(`/v1/datasets/${encodeURIComponent(name)}`, { method: 'DELETE' });
      say(`Deleted the data set ${name}.`);
    });
  dataset
    .command('show <name>')
    .description('show a data set')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll dataset show typescript-declarations'))
    .action(async (name: string, { json }: { json?: boolean }) => {
      const view = await call<DatasetView>(`/v1/datasets/${encodeURIComponent(name)}`);
      say(json ? JSON.stringify(view, null, 2) : table(head, [row(view)], [2]));
      if (!json) for (const line of view.summary) say(line);
    });
}
