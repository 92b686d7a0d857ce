import { datasetKinds, ValidationError, type DatasetKind, type DatasetView } from '@unroll/contracts';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { resolveFrom } from './data-sources';
import { addDataset, nameOf } from './register-dataset';
import { isObject } from './is-object';

/** A file that a sweep names as its data, and the name under which it is registered. */
export interface FileDataset {
  name: string;
  path: string;
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
      files.push({ name, path: file, kind });
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

/** Registers these files; the same content under the same name is registered once. @throws CommandFailed */
export async function registerFiles(files: readonly FileDataset[]): Promise<void> {
  for (const { name, path, kind } of files) await addDataset(name, path, kind);
}

/** @throws CommandFailed for a file that is not registered yet: a dry run registers nothing */
export async function requireRegistered(files: readonly FileDataset[]): Promise<void> {
  for (const { name, path, kind } of files)
    await call<DatasetView>(`/v1/datasets/${encodeURIComponent(name)}`).catch((error: unknown) => {
      if (!(error instanceof CommandFailed) || error.exitCode !== 2) throw error;
      throw new CommandFailed(
        `dataset.path: a dry run registers no data, and ${path} is not registered: ` +
          `first run "npx unroll dataset add ${name} ${path} --kind ${kind}"`,
        2,
      );
    });
}
