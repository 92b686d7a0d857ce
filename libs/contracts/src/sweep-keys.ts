import { z } from 'zod';
import { cellNames, cells } from './cells';
import { datasetKindDefinitions, registeredKinds } from './datasets';
import { metrics, toldNames } from './metrics';
import { optimizerDefinitions, optimizerKinds } from './optimizers';
import { samplerDefinitions, samplerNames } from './samplers';
import { stoppingRuleDefinitions, stoppingRuleNames } from './stopping';
import { findShorthand } from './strict';
import { sweepShape } from './sweep-spec';
import { tasks } from './tasks';
import { trialShape } from './trial-spec';

/** One key of a sweep file, as listed in the documentation. */
export interface SweepKey {
  path: string;
  type: string;
  /** As JSON; undefined if the key has none. */
  default: string | undefined;
  description: string;
}

/** Every key of a sweep file, in the order of the schema. Options of one kind have it in their path: `training.optimizer (sgd)`. */
export function sweepKeys(): SweepKey[] {
  return Object.entries({ ...sweepShape, ...trialShape }).flatMap(([key, schema]) =>
    listKeys(key, schema as z.ZodType),
  );
}

interface Plain {
  inner: z.ZodType;
  standard: string | undefined;
  description: string;
}

/** A schema without its default and description. */
function plain(schema: z.ZodType, standard?: string, description = schema.description ?? ''): Plain {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const value = schema.def.defaultValue;
    const shown = typeof value === 'object' && value !== null ? undefined : JSON.stringify(value);
    return plain(
      schema.def.innerType as z.ZodType,
      shown,
      description || (schema.def.innerType as z.ZodType).description,
    );
  }
  if (schema instanceof z.ZodOptional) {
    const inner = schema.def.innerType as z.ZodType;
    return plain(inner, standard, description || inner.description);
  }
  const short = findShorthand(schema);
  if (!short && schema instanceof z.ZodPipe) return plain(schema.def.in as z.ZodType, standard, description);
  return short ? plain(short.object, standard, description) : { inner: schema, standard, description };
}

function listKeys(path: string, schema: z.ZodType): SweepKey[] {
  const { inner, standard, description } = plain(schema);
  const own = { path, type: describeType(inner), default: standard, description };
  if (inner instanceof z.ZodObject) return [own, ...inside(path, inner)];
  if (inner instanceof z.ZodDiscriminatedUnion)
    return [
      own,
      ...(inner.options as z.ZodObject[]).flatMap((option) => inside(`${path} (${kindName(option)})`, option)),
    ];
  if (inner instanceof z.ZodUnion)
    return [
      own,
      ...(inner.options as z.ZodType[]).flatMap((option) =>
        option instanceof z.ZodObject ? inside(path, option) : [],
      ),
    ];
  return [own];
}

const kindName = (option: z.ZodObject): string => String((option.shape.kind as z.ZodLiteral).value);

function inside(path: string, object: z.ZodObject): SweepKey[] {
  return Object.entries(object.shape).flatMap(([key, child]) =>
    child instanceof z.ZodLiteral && path.includes(' (') ? [] : listKeys(`${path}.${key}`, child as z.ZodType),
  );
}

function describeType(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return schema.options.join(', ');
  if (schema instanceof z.ZodLiteral) return String(schema.value);
  if (schema instanceof z.ZodDiscriminatedUnion) return (schema.options as z.ZodObject[]).map(kindName).join(', ');
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).map(describeType).join(' or ');
  if (schema instanceof z.ZodNullable) return `${describeType(schema.def.innerType as z.ZodType)} or null`;
  if (schema instanceof z.ZodArray) return `list of ${describeType(schema.def.element as z.ZodType)}`;
  if (schema instanceof z.ZodObject) return 'object';
  if (schema instanceof z.ZodRecord) {
    const value = schema.def.valueType as z.ZodType;
    return value instanceof z.ZodUnknown ? 'object' : `names, each with ${describeType(value)}`;
  }
  // What is written is what comes in.
  if (schema instanceof z.ZodPipe) return describeType(schema.def.in as z.ZodType);
  if (schema instanceof z.ZodBoolean) return 'true, false';
  if (schema instanceof z.ZodString) return 'text';
  if (schema instanceof z.ZodNumber) return schema.isInt ? 'whole number' : 'number';
  return 'value';
}

const introduction = `# The sweep file

YAML 1.2 or JSON. Generated from the schema by \`npm run docs\`.

Any value of \`dataset\`, \`task\`, \`model\` and \`training\` may be a distribution instead:

| distribution | samples |
| --- | --- |
| \`{choice: [a, b, ...]}\` | one of these, all equally likely |
| \`{grid: [a, b, ...]}\` | each of these, equally often; several grids form their product |
| \`{uniform: [a, b]}\` | a number between a and b |
| \`{logUniform: [a, b]}\` | the same, on a log scale |
| \`{uniform: [a, b], step: s}\` or \`{logUniform: [a, b], step: s}\` | one of a, a + s, ... b, which whole steps must reach |
| \`{int: [a, b], step: n}\` or \`{int: [a, b], log: true}\` | a whole number, both ends included |
| \`{normal: [mean, sd]}\` | a number around the mean, within what the key allows |

A \`choice\` or \`grid\` may contain objects whose own values are distributions, so that one value depends on another; one of plain
numbers may contain ranges: \`l2: {choice: [0, {logUniform: [1e-6, 1e-2]}]}\`. A bare word
stands for an object: \`optimizer: adam\` is \`optimizer: {kind: adam}\`; likewise \`dataset\`, \`task\`, \`search\`, \`stopping\` and
\`objective\` (its metric).

## Keys
`;

const row = (...columns: readonly string[]): string =>
  `| ${columns.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((columns) => row(...columns))].join('\n');

const code = (name: string): string => `\`${name}\``;

/** A table for each family of definitions. */
function definitionTables(): string[] {
  const described = (list: readonly { description: string }[], names: readonly string[]) =>
    list.map(({ description }, index) => [code(names[index]!), description]);
  const section = (title: string, key: string, ...columns: Parameters<typeof table>): string =>
    `## ${title}\n\nValues of \`${key}\`.\n\n${table(...columns)}`;
  return [
    section(
      'Tasks',
      'task.kind',
      ['task', 'what it learns', 'data', 'metrics, the default objective first'],
      Object.values(tasks).map(({ kind, description, datasets, metrics: measured }) => [
        code(kind),
        description,
        datasets.join(', '),
        measured.map(code).join(', '),
      ]),
    ),
    section('Cells', 'model.cell', ['cell', 'what a step computes'], described(Object.values(cells), cellNames)),
    section(
      'Optimizers',
      'training.optimizer.kind',
      ['optimizer', 'what it does'],
      described(Object.values(optimizerDefinitions), optimizerKinds),
    ),
    section(
      'Samplers',
      'search.algorithm',
      ['sampler', 'what it does'],
      described(Object.values(samplerDefinitions), samplerNames),
    ),
    section(
      'Stopping rules',
      'stopping.rule',
      ['rule', 'what it does'],
      described(Object.values(stoppingRuleDefinitions), stoppingRuleNames),
    ),
    section(
      'Metrics',
      'objective.metric',
      ['metric', 'what it is', 'unit', 'better'],
      Object.values(metrics)
        .filter(({ name }) => !toldNames.some((told) => told === name))
        .map(({ name, description, unit, goal }) => [
          code(name),
          description,
          unit ?? '',
          goal === 'minimize' ? 'lower' : 'higher',
        ]),
    ),
    section(
      'Kinds of data set',
      'unroll dataset add --kind',
      ['kind', 'what it contains'],
      described(Object.values(datasetKindDefinitions), registeredKinds),
    ),
  ];
}

/** The documentation of the sweep file, as Markdown. */
export function sweepFileMarkdown(): string {
  const keys = sweepKeys().map(({ path, type, default: standard, description }) => [
    code(path),
    type,
    standard === undefined ? '' : code(standard),
    description,
  ]);
  return `${[introduction + '\n' + table(['key', 'type', 'default', 'what'], keys), ...definitionTables()].join('\n\n')}\n`;
}
