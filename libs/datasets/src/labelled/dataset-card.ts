import { parse } from 'yaml';
import { fileName, folders, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';

/** A configuration of a data set, as the front matter of its README.md has it (huggingface.co/docs/hub/datasets-manual-configuration). */
interface Config {
  config_name?: string;
  default?: boolean;
  data_dir?: string;
  data_files?: unknown;
}

/** Files of one part, whose name the card gives, or of those that their names say where it gives none. */
export interface CardFiles {
  split: string | undefined;
  files: NamedFile[];
}

/**
 * The files that the card of a data set names; undefined without a card that names any.
 * @throws DatasetError for several configurations of which none is the default, or a pattern that no file fits
 */
export function filesOfCard(files: readonly NamedFile[]): CardFiles[] | undefined {
  const card = files.find(({ name }) => fileName(name) === 'README.md');
  const config = card && chosenConfig(card);
  if (!config) return undefined;
  const root = [...folders(card.name), ...(config.data_dir ?? '').split('/')].filter((each) => !/^\.?$/.test(each));
  const within = (pattern: string): string => [...root, pattern.replace(/^\.\//, '')].join('/');
  return patternsOf(config.data_files ?? '**').map(({ split, patterns }) => ({
    split,
    files: patterns.flatMap((pattern) => {
      const fits = globOf(within(pattern));
      const found = files.filter(({ name }) => fits.test(name) && name !== card.name);
      if (found.length > 0) return found;
      throw new DatasetError(`${card.name}: names the files ${pattern}, but there is none: fetch the whole data set`);
    }),
  }));
}

function chosenConfig(card: NamedFile): Config | undefined {
  const [, front] = /^---\s*\n([\s\S]*?)\n---\s*(?:\n|$)/.exec(textOf(card)) ?? [];
  const named = configsIn(front ?? '').filter(
    ({ data_files: names, data_dir: folder }) => names !== undefined || folder !== undefined,
  );
  if (named.length < 2) return named[0];
  const found = named.find((each) => each.default === true) ?? named.find((each) => each.config_name === 'default');
  if (found) return found;
  throw new DatasetError(
    `${card.name}: has the configurations ${named.map((each) => each.config_name).join(', ')}: ` +
      'give a folder with the files of one, without README.md',
  );
}

const textOf = (card: NamedFile): string => {
  const bytes = card.bytes();
  return bytes.length === 0 ? '' : decodeText(bytes, card.name).replaceAll('\r\n', '\n');
};

function configsIn(front: string): Config[] {
  try {
    const { configs } = (parse(front, { logLevel: 'silent' }) ?? {}) as { configs?: Config | Config[] };
    return [configs ?? []].flat();
  } catch {
    // A card for people only.
    return [];
  }
}

/** Patterns of files by part: one or several of them for training, by name, or each with its part. */
function patternsOf(given: unknown): { split: string | undefined; patterns: string[] }[] {
  const listed = (path: unknown): string[] => [path].flat().map(String);
  if (given === '**') return [{ split: undefined, patterns: ['**'] }];
  if (Array.isArray(given) && given.every((each) => typeof each === 'object' && each !== null))
    return (given as { split?: string; path?: unknown }[]).map(({ split, path }) => ({
      split: String(split),
      patterns: listed(path),
    }));
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return Object.entries(given).map(([split, path]) => ({ split, patterns: listed(path) }));
  return [{ split: 'train', patterns: listed(given) }];
}

/** A pattern of paths as fsspec has them: `*` within a folder, `**` over several. */
function globOf(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/|\*\*|\*|\?|\[[^\]]*\])/).map((part, at) => {
    if (at % 2 === 0) return part.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
    const wild: Readonly<Record<string, string>> = { '**/': '(?:.*/)?', '**': '.*', '*': '[^/]*', '?': '[^/]' };
    return wild[part] ?? part.replace('[!', '[^');
  });
  return new RegExp(`^${parts.join('')}$`);
}
