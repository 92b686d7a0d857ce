import {
  datasetKinds,
  datasetName,
  ValidationError,
  type DatasetKind,
  type DatasetView,
  type RegisteredKind,
} from '@unroll/contracts';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { noFile, regularFile, resolveFrom } from './data-sources';
import { addDataset, nameOf } from './register-dataset';
import { isObject } from './is-object';

/** A file that a sweep names as its data or word vectors, and the name under which it is registered. */
export interface NamedFile {
  name: string;
  path: string;
  kind: RegisteredKind;
  /** The option that names it. */
  option: 'dataset.path' | 'training.initFrom.embedding' | 'task.tokenizer';
}

/** A file of data. */
export interface FileDataset extends NamedFile {
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

/** What a sweep file names beside its data, by the kind under which it is registered. */
const besideData = {
  vectors: { option: 'training.initFrom.embedding', keys: ['embedding'] },
  tokenizer: { option: 'task.tokenizer', keys: ['tokenizer', 'tokenizer.name'] },
} as const;

/**
 * The `task` or `training` of a sweep file with a name for each file of a tokenizer or word vectors, also in a choice or grid, and the
 * files to register under these names. Other names are left as they are: those of registered ones. Writes nothing.
 * @throws CommandFailed for a file that cannot be read
 */
export async function nameBeside(
  section: unknown,
  kind: keyof typeof besideData,
  sweepFile: string,
): Promise<{ named: unknown; files: NamedFile[] }> {
  const files: NamedFile[] = [];
  const { option, keys } = besideData[kind];
  const isName = (key: string): boolean => keys.some((each) => each === key);
  const visit = async (node: unknown, key: string): Promise<unknown> => {
    if (Array.isArray(node)) return Promise.all(node.map((each) => visit(each, key)));
    if (isObject(node)) {
      const entries = Object.entries(node).map(async ([name, child]): Promise<[string, unknown]> => {
        const isOption = name === 'choice' || name === 'grid';
        return [name, await visit(child, isOption ? key : isName(key) ? `${key}.${name}` : name)];
      });
      return Object.fromEntries(await Promise.all(entries));
    }
    if (!isName(key) || typeof node !== 'string') return node;
    const path = regularFile(sweepFile, node);
    if (path === undefined) {
      if (datasetName.safeParse(node).success) return node;
      throw new CommandFailed(`${option}: ${noFile(resolveFrom(sweepFile, node))}`, 2);
    }
    const name = await nameOf(path, kind);
    if (!files.some((each) => each.name === name)) files.push({ name, path, kind, option });
    return name;
  };
  return { named: await visit(section, ''), files };
}

/** Registers these files; the same content under the same name is registered once. @throws CommandFailed */
export async function registerFiles(files: readonly NamedFile[]): Promise<void> {
  for (const { name, path, kind } of files) await addDataset(name, path, kind);
}

/** @throws CommandFailed for a file that is not registered yet: a dry run registers nothing */
export async function requireRegistered(files: readonly NamedFile[]): Promise<void> {
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
