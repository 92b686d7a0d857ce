import {
  datasetKinds,
  datasetName,
  fileOptions,
  mapStrings,
  namesOf,
  ValidationError,
  type DatasetKind,
  type DatasetView,
  type FileOptionPath,
  type RegisteredKind,
} from '@unroll/contracts';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { noFile, regularFile, resolveFrom } from './data-sources';
import { addDataset, nameOf } from './register-dataset';
import { isObject } from './is-object';

/** A file that a sweep names, as its data or beside them, and the name under which it is registered. */
export interface SweepFile {
  name: string;
  path: string;
  kind: RegisteredKind;
  /** The option that names it. */
  option: 'dataset.path' | FileOptionPath;
}

/** A file of data. */
export interface FileDataset extends SweepFile {
  kind: DatasetKind;
}

const isKind = (kind: unknown): kind is DatasetKind => datasetKinds.some((each) => each === kind);

/**
 * The `dataset` of a sweep file with a name for each `{path, kind}`, also in a choice or grid, and the files to register under these names.
 * Writes nothing. @throws CommandFailed for a file that cannot be read, ValidationError for one without a kind
 */
export async function nameFiles(
  dataset: unknown,
  sweepFile: string,
): Promise<{ dataset: unknown; files: FileDataset[] }> {
  const files: FileDataset[] = [];
  const visit = async (node: unknown, at: string): Promise<unknown> => {
    if (!isObject(node)) return node;
    if (typeof node.path === 'string') {
      const { path, kind, ...options } = node;
      if (!isKind(kind))
        throw new ValidationError([
          {
            path: `${at}.kind`,
            message: `${kind === undefined ? 'is missing: ' : ''}must be one of ${datasetKinds.join(', ')}`,
          },
        ]);
      const file = resolveFrom(sweepFile, path);
      const name = await nameOf(file, kind);
      files.push({ name, path: file, kind, option: 'dataset.path' });
      return { name, ...options };
    }
    const entries = Object.entries(node).map(async ([key, value]): Promise<[string, unknown]> => {
      if ((key !== 'choice' && key !== 'grid') || !Array.isArray(value)) return [key, value];
      return [key, await Promise.all(value.map((each, index) => visit(each, `${at}.${key}[${index}]`)))];
    });
    return Object.fromEntries(await Promise.all(entries));
  };
  return { dataset: await visit(dataset, 'dataset'), files };
}

/**
 * A sweep file with a registered name for each file that it names beside its data, also in a choice, a grid or an enqueued entry, and the
 * files to register under these names. Other names are left as they are: those of registered ones. Writes nothing.
 * @throws CommandFailed for a file that cannot be read
 */
export async function nameBeside(document: object, sweepFile: string): Promise<{ named: object; files: SweepFile[] }> {
  const files = new Map<string, SweepFile>();
  let named = document;
  for (const each of fileOptions) {
    const { option, kind } = each;
    const names = new Map<string, string>();
    const nameOfPath = new Map<string | undefined, string>();
    for (const given of namesOf(document, each)) {
      const path = regularFile(sweepFile, given);
      if (path === undefined) {
        if (datasetName.safeParse(given).success) continue;
        throw new CommandFailed(`${option}: ${noFile(resolveFrom(sweepFile, given))}`, 2);
      }
      const name = await nameOf(path, kind);
      names.set(given, name);
      nameOfPath.set(path, name);
      files.set(name, { name, path, kind, option });
    }
    // An enqueued file is one that the sweep names; the API refuses others.
    const paths = [option, each.name].flatMap((path) => [path, `search.enqueue.${path}`]);
    named = mapStrings(
      named,
      paths,
      (given) => names.get(given) ?? nameOfPath.get(regularFile(sweepFile, given)) ?? given,
    );
  }
  return { named, files: [...files.values()] };
}

/** Registers these files; the same content under the same name is registered once. @throws CommandFailed */
export async function registerFiles(files: readonly SweepFile[]): Promise<void> {
  for (const { name, path, kind } of files) await addDataset(name, path, kind);
}

/** @throws CommandFailed for a file that is not registered yet: a dry run registers nothing */
export async function requireRegistered(files: readonly SweepFile[]): Promise<void> {
  for (const { name, path, kind, option } of files)
    await call<DatasetView>(`/v1/datasets/${encodeURIComponent(name)}`).catch((error: unknown) => {
      if (!(error instanceof CommandFailed) || error.exitCode !== 2) throw error;
      throw new CommandFailed(
        `${option}: a dry run registers no data, and ${path} is not registered: ` +
          `first run "npx unroll dataset add ${name} ${path} --kind ${kind}"`,
        2,
      );
    });
}
