import { parse } from 'yaml';
import { z } from 'zod';
import { globOf } from '../archive/glob';
import { fileName, folders, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';

const patterns = z.union([z.string(), z.array(z.string()).min(1)]).transform((given) => [given].flat());
const parts = z.array(z.object({ split: z.string(), path: patterns })).min(1);

/** Patterns of files by part: one or several of them for training, by name, or each with its part. */
const dataFiles = z.union([
  patterns.transform((each) => [{ split: 'train', path: each }]),
  parts,
  z.record(z.string(), patterns).transform((named) => Object.entries(named).map(([split, path]) => ({ split, path }))),
]);

/** A configuration of a data set, as the front matter of its README.md has it (huggingface.co/docs/hub/datasets-manual-configuration). */
const config = z.object({
  config_name: z.coerce.string().optional(),
  default: z.boolean().optional(),
  data_dir: z.string().optional(),
  data_files: dataFiles.optional(),
});
type Config = z.infer<typeof config>;

const frontMatter = z.object({ configs: z.preprocess((given) => [given ?? []].flat(), z.array(config)) });

/** Files of one part, whose name the card gives, or of those that their names say where it gives none. */
export interface CardFiles {
  split: string | undefined;
  files: NamedFile[];
}

/**
 * The files that the card of a data set names, of those with rows; undefined without a card that names any.
 * @throws DatasetError for a card of another form, several configurations of which none is the default, or a pattern that no file fits
 */
export function filesOfCard(files: readonly NamedFile[], rows: readonly NamedFile[]): CardFiles[] | undefined {
  const card = files.find(({ name }) => fileName(name) === 'README.md');
  const chosen = card && chosenConfig(card);
  if (!chosen) return undefined;
  const root = [...folders(card.name), ...(chosen.data_dir ?? '').split('/')].filter((each) => !/^\.?$/.test(each));
  const found = (given: string): NamedFile[] => {
    const pattern = [...root, given.replace(/^\.\//, '')].join('/');
    const fits = globOf(pattern, card.name);
    const fitting = rows.filter(({ name }) => fits(name));
    if (fitting.length > 0) return fitting;
    throw new DatasetError(
      `${card.name}: names the files ${pattern}, but there is none with rows: fetch the whole data set`,
    );
  };
  if (!chosen.data_files) return [{ split: undefined, files: found('**') }];
  return chosen.data_files.map(({ split, path }) => ({ split, files: path.flatMap(found) }));
}

function chosenConfig(card: NamedFile): Config | undefined {
  const named = configsIn(card).filter(
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

/** What stands between two lines of dashes at the beginning. */
function frontOf(card: NamedFile): string {
  const [first, ...lines] = textOf(card).split('\n');
  const end = lines.findIndex((line) => line.trimEnd() === '---');
  return first!.trimEnd() === '---' && end >= 0 ? lines.slice(0, end).join('\n') : '';
}

/** @throws DatasetError for configurations of another form, with the name of what is wrong */
function configsIn(card: NamedFile): Config[] {
  let front: unknown;
  try {
    front = parse(frontOf(card), { logLevel: 'silent' });
  } catch {
    // A card for people only.
  }
  if (typeof front !== 'object' || front === null || !('configs' in front)) return [];
  const { data, error } = frontMatter.safeParse(front);
  if (data) return data.configs;
  throw new DatasetError(
    `${card.name}: ${z.core.toDotPath(error.issues[0]!.path)} is not as the documentation of Hugging Face has it ` +
      '(huggingface.co/docs/hub/datasets-manual-configuration): correct it, or leave README.md out',
  );
}
