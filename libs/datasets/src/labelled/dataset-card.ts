import { parse } from 'yaml';
import { z } from 'zod';
import { globOf } from '../archive/glob';
import { fileName, folders, type NamedFile } from '../archive/named-file';
import { DatasetError } from '../prepared/data';
import { decodeText } from '../source/decode';
import { linesOf } from '../source/lines';
import type { CardClasses } from './card-classes';

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

/** Without blanks around it, as labels are read. */
const className = z.coerce.string().trim();
/** Names of classes in the order of their numbers, as a list or by number. */
const classNames = z
  .union([
    z.array(className).min(1),
    z
      .record(z.string(), className)
      .refine((named) => Object.keys(named).every((key, index) => key === String(index)))
      .transform(Object.values<string>),
  ])
  .refine((names) => new Set(names).size === names.length);
const type = z.union([
  z.string(),
  z.looseObject({ class_label: z.object({ names: classNames }).optional() }),
  z.array(z.unknown()),
]);
/** A column, or a list in one, as the front matter has it. */
const feature = z.looseObject({
  name: z.coerce.string(),
  dtype: type.optional(),
  sequence: type.optional(),
  list: type.optional(),
});
const info = z.looseObject({ config_name: z.coerce.string().optional(), features: z.array(feature).default([]) });

const listed = (given: unknown): unknown[] => [given ?? []].flat();
const frontMatter = z.object({
  configs: z.preprocess(listed, z.array(config)),
  dataset_info: z.preprocess(listed, z.array(info)),
});
type Front = z.infer<typeof frontMatter>;

const cardIn = (files: readonly NamedFile[]): NamedFile | undefined =>
  files.find(({ name }) => fileName(name) === 'README.md');

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
  const card = cardIn(files);
  if (!card) return undefined;
  const chosen = chosenConfig(card.name, frontIn(card));
  if (chosen?.data_files === undefined && chosen?.data_dir === undefined) return undefined;
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

/**
 * The classes that the card of a data set names for the configuration that is read, which is `default` where it has no name; none without
 * such a card.
 * @throws DatasetError for a card of another form
 */
export function classesOfCard(files: readonly NamedFile[]): CardClasses {
  const card = cardIn(files);
  if (!card) return {};
  const front = frontIn(card);
  const chosen = chosenConfig(card.name, front);
  const infos = front.dataset_info;
  const named = infos.find((each) => nameOf(each) === nameOf(chosen ?? {}));
  // Without configurations, the only description is of the only data there are.
  const { features = [] } = named ?? (!chosen && infos.length === 1 ? infos[0]! : {});
  const namesIn = (given: z.infer<typeof type> | undefined): string[] | undefined =>
    typeof given === 'object' && 'class_label' in given ? given.class_label?.names : undefined;
  return Object.fromEntries(
    features.flatMap((each) => {
      const names = namesIn(each.dtype) ?? namesIn(each.sequence) ?? namesIn(each.list);
      return names ? [[each.name, names]] : [];
    }),
  );
}

const nameOf = ({ config_name: name = 'default' }: { config_name?: string | undefined }): string => name;

function chosenConfig(card: string, { configs }: Front): Config | undefined {
  if (configs.length < 2) return configs[0];
  const found = configs.find((each) => each.default === true) ?? configs.find((each) => nameOf(each) === 'default');
  if (found) return found;
  throw new DatasetError(
    `${card}: has the configurations ${configs.map(nameOf).join(', ')}: ` +
      'give a folder with the files of one, without README.md',
  );
}

const textOf = (card: NamedFile): string => {
  const bytes = card.bytes();
  return bytes.length === 0 ? '' : decodeText(bytes, card.name);
};

/** What stands between two lines of dashes at the beginning. */
function frontOf(card: NamedFile): string {
  const [first, ...lines] = linesOf(textOf(card));
  const end = lines.findIndex((line) => line.trimEnd() === '---');
  return first!.trimEnd() === '---' && end >= 0 ? lines.slice(0, end).join('\n') : '';
}

/** @throws DatasetError for front matter of another form, with the name of what is wrong */
function frontIn(card: NamedFile): Front {
  const { data, error } = frontMatter.safeParse(parsedFront(frontOf(card), card.name));
  if (data) return data;
  throw new DatasetError(
    `${card.name}: ${z.core.toDotPath(error.issues[0]!.path)} is not as the documentation of Hugging Face has it ` +
      '(huggingface.co/docs/hub/datasets-manual-configuration): correct it, or leave README.md out',
  );
}

/**
 * The keys of front matter; none of what is no list of keys, or no YAML: a card for people only may have anything in its place.
 * @throws DatasetError for invalid YAML, a key given twice among it, that names files or classes: they would be passed over
 */
function parsedFront(text: string, card: string): object {
  try {
    const front: unknown = parse(text, { logLevel: 'error' });
    return typeof front === 'object' && front !== null && !Array.isArray(front) ? front : {};
  } catch (error) {
    if (!/\b(configs|dataset_info)\b/.test(text)) return {};
    const [why] = (error as Error).message.split('\n');
    throw new DatasetError(`${card}: the lines between the dashes are not valid YAML: ${why}`);
  }
}
