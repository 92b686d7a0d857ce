import { isAlias, isMap, isScalar, isSeq, parseDocument, visit, type Document, type Tags, type YAMLMap } from 'yaml';
import { isObject } from '../input/is-object';
import {
  numberAt,
  objectAt,
  ranged,
  refusal,
  requireKeys,
  stepped,
  type ImportedStudy,
  type ImportOptions,
} from './imported-study';

/** A sweep of W&B by their keys: https://docs.wandb.ai/models/sweeps/sweep-config-keys. */
export const isWandb = (document: unknown): boolean =>
  isObject(document) && 'method' in document && 'parameters' in document;

/** What has no counterpart: how W&B runs a program, and where. */
const aboutRuns = ['program', 'command', 'project', 'entity', 'description', 'job', 'image_uri', 'controller'];
const known = ['name', 'method', 'metric', 'parameters', 'early_terminate', 'run_cap', ...aboutRuns];

const algorithms: Readonly<Record<string, string>> = { grid: 'grid', random: 'random', bayes: 'gaussian-process' };

/** A parameter of W&B, where it stands, and whether a number there is written as a real one: `min: 1.0` is, `min: 1` an integer. */
interface Given {
  at: string;
  given: Record<string, unknown>;
  isReal: (key: string) => boolean;
  notes: string[];
}

/**
 * What tags of YAML 1.1 leave out in PyYAML, with which W&B reads (its resolver.py), as lookaheads: y and 08 are texts, and so is 0:30.
 * A real number has a digit, which the library does not ask for in e5.
 */
const narrower: Readonly<Record<string, string>> = {
  'tag:yaml.org,2002:bool': '(?!.$)',
  'tag:yaml.org,2002:int': '(?![-+]?0[0-9_]*[89:])',
  'tag:yaml.org,2002:float': String.raw`(?=[-+]?\.?[0-9inIN])`,
};

const pyYaml = (tags: Tags): Tags =>
  tags.flatMap((tag): Tags => {
    if (typeof tag === 'string') return [tag];
    // Python has dates there, which a parameter cannot be.
    if (tag.tag === 'tag:yaml.org,2002:timestamp') return [];
    const more = narrower[tag.tag];
    return more !== undefined && 'test' in tag && tag.test
      ? [{ ...tag, test: new RegExp(`^${more}${tag.test.source}`) }]
      : [tag];
  });

/** Whether a number is written as a real one, which 0x1e is not. */
const isRealText = (source: string): boolean => /^[^x]*[.e]/i.test(source);

/** Real numbers for PyYAML: with a point, and a sign in the power. */
const pyYamlReal = /^([-+]?\d[\d_]*\.[\d_]*|\.\d[\d_]*)(e[-+]\d+)?$|:|^[-+]?\.inf$|^\.nan$/i;

/** A document as PyYAML reads it, but for numbers such as 1e-4, which it takes as texts: a note says so. */
function asPyYaml(text: string, notes: string[]): Document {
  const document = parseDocument(text, { version: '1.1', schema: 'yaml-1.1', customTags: pyYaml });
  const texts = new Set<string>();
  visit(document, {
    Scalar: (key, { value, tag, source = '' }) => {
      const isReal = key !== 'key' && tag === undefined && typeof value === 'number' && isRealText(source);
      if (isReal && !pyYamlReal.test(source)) texts.add(source);
    },
  });
  if (texts.size > 0)
    notes.push(
      `${[...texts].slice(0, 3).join(', ')}: a number here, for W&B a text, since PyYAML wants a point and a sign, as in 1.0e-4`,
    );
  return document;
}

/** The study of a W&B sweep in YAML. @throws CommandFailed for what a study cannot do, with its place */
export function readWandb(text: string, { name, steps: wholeSteps }: ImportOptions): ImportedStudy {
  const notes: string[] = [];
  const source = asPyYaml(text, notes);
  const sweep = source.toJS() as Record<string, unknown>;
  requireKeys(sweep, known, '');
  const algorithm = algorithms[String(sweep.method)];
  if (algorithm === undefined)
    throw refusal('method', `must be one of ${Object.keys(algorithms).join(', ')}, not ${String(sweep.method)}`);
  const space = readSpace(objectAt(sweep.parameters, 'parameters'), { source, path: ['parameters'], notes });
  const { goal, target } = readMetric(sweep.metric, notes);
  const early = readEarly(sweep.early_terminate, wholeSteps, notes);
  const steps = early?.steps ?? wholeSteps;
  if (sweep.program !== undefined)
    notes.push('W&B starts the program; a study is asked: give it a loop over unroll.study, as in docs/studies.md');
  if (sweep.method !== 'grid' && sweep.run_cap === undefined)
    notes.push('W&B goes on until it is stopped; this study has 100 trials unless search.trials says otherwise');
  const cap = sweep.run_cap === undefined ? {} : { trials: numberAt(sweep.run_cap, 'run_cap') };
  const spec = {
    name: name ?? (typeof sweep.name === 'string' ? sweep.name : 'W&B sweep'),
    space: algorithm === 'grid' ? gridOf(space) : space,
    goal,
    ...(steps === undefined ? {} : { steps }),
    search: { algorithm, ...cap },
    ...(early ? { stopping: early.stopping } : {}),
    ...(target === undefined ? {} : { budget: { target } }),
  };
  return { spec, trials: [], notes };
}

function readMetric(metric: unknown, notes: string[]): { goal: 'minimize' | 'maximize'; target?: number } {
  if (metric === undefined) return { goal: 'minimize' };
  const given = objectAt(metric, 'metric');
  requireKeys(given, ['name', 'goal', 'target'], 'metric');
  const { name, goal = 'minimize', target } = given;
  if (goal !== 'minimize' && goal !== 'maximize')
    throw refusal('metric.goal', `must be minimize or maximize, not ${JSON.stringify(goal)}`);
  if (name !== undefined) notes.push(`what W&B logs as ${JSON.stringify(name)} is told to the study as its value`);
  return { goal, ...(target === undefined ? {} : { target: numberAt(target, 'metric.target') }) };
}

interface Walk {
  source: Document;
  path: string[];
  notes: string[];
}

function readSpace(parameters: Record<string, unknown>, { source, path, notes }: Walk): Record<string, unknown> {
  const entries = Object.entries(parameters).map(([name, value]): [string, unknown] => {
    const own = [...path, name];
    const at = own.join('.');
    const given = objectAt(value, at);
    if (isObject(given.parameters)) {
      requireKeys(given, ['parameters'], at);
      return [name, readSpace(given.parameters, { source, path: [...own, 'parameters'], notes })];
    }
    const isReal = (key: string): boolean => {
      const node = nodeAt(source, [...own, key]);
      return isScalar(node) && typeof node.value === 'number' && isRealText(node.source ?? String(node.value));
    };
    return [name, readParameter({ at, given, isReal, notes })];
  });
  return Object.fromEntries(entries);
}

/** A node of a document, also of a mapping that is merged into the one at its path. */
function nodeAt(source: Document, path: readonly string[]): unknown {
  let node: unknown = source.contents;
  for (const key of path) {
    const map = isAlias(node) ? node.resolve(source) : node;
    const found = isMap(map) ? [map, ...mergedInto(source, map)].map((each) => valueIn(each, key)) : [];
    node = found.find((each) => each !== undefined);
  }
  return node;
}

/** The value of a key, which may be written as a number or truth value. */
const valueIn = (map: YAMLMap, name: string): unknown =>
  map.items.find(({ key }) => isScalar(key) && typeof key.value !== 'symbol' && String(key.value) === name)?.value ??
  undefined;

/** What `<<` merges into a mapping: one, or a list of them, each an alias as a rule. */
function mergedInto(source: Document, map: YAMLMap): YAMLMap[] {
  // The library reads the key as a symbol.
  const merged = map.items.find(({ key }) => isScalar(key) && typeof key.value === 'symbol')?.value;
  return (isSeq(merged) ? merged.items : [merged])
    .map((each) => (isAlias(each) ? each.resolve(source) : each))
    .filter(isMap);
}

function readParameter({ at, given, isReal, notes }: Given): unknown {
  requireKeys(
    given,
    ['value', 'values', 'probabilities', 'distribution', 'min', 'max', 'mu', 'sigma', 'q', 'a', 'b'],
    at,
  );
  if ('value' in given) return given.value;
  if ('probabilities' in given)
    throw refusal(`${at}.probabilities`, 'a choice here has equally likely options: leave it out');
  if ('values' in given) return choice(given.values, `${at}.values`);
  const distribution = given.distribution ?? guessed({ at, given, isReal, notes });
  const bound = (key: 'min' | 'max', standard?: number): number =>
    given[key] === undefined && standard !== undefined ? standard : numberAt(given[key], `${at}.${key}`);
  const ends = (standard?: [number, number]): [number, number] => {
    const [low, high] = [bound('min', standard?.[0]), bound('max', standard?.[1])];
    if (low > high) throw refusal(at, `min is ${low}, above max, ${high}`);
    return [low, high];
  };
  const quantised = (low: number, high: number): unknown => inSteps(at, low, high, given.q, notes);
  switch (distribution) {
    case 'int_uniform':
      return ranged('int', ...ends());
    case 'uniform':
      return ranged('uniform', ...ends([0, 1]));
    case 'q_uniform':
      return quantised(...ends([0, 1]));
    // Its bounds are exponents of e.
    case 'log_uniform':
      return ranged('logUniform', ...exponents(ends([0, 1])));
    case 'inv_log_uniform': {
      const [low, high] = ends([0, 1]);
      return ranged('logUniform', ...exponents([-high, -low]));
    }
    case 'log_uniform_values':
    case 'inv_log_uniform_values':
      return ranged('logUniform', ...positive(ends(), at));
    case 'normal':
      return { normal: [given.mu === undefined ? 0 : numberAt(given.mu, `${at}.mu`), sigma(given, at)] };
    default:
      throw refusal(
        `${at}.distribution`,
        `${JSON.stringify(distribution)} has no counterpart here: write uniform, log_uniform_values, int_uniform, normal or values`,
      );
  }
}

const sigma = ({ sigma: given }: Record<string, unknown>, at: string): number =>
  given === undefined ? 1 : numberAt(given, `${at}.sigma`);

const exponents = ([low, high]: [number, number]): [number, number] => [Math.exp(low), Math.exp(high)];

function positive([low, high]: [number, number], at: string): [number, number] {
  if (low <= 0) throw refusal(`${at}.min`, `must be above 0 on a log scale, not ${low}`);
  return [low, high];
}

function choice(values: unknown, at: string): unknown {
  if (!Array.isArray(values) || values.length === 0) throw refusal(at, 'must be a list of values');
  return values.length === 1 ? (values[0] as unknown) : { choice: values };
}

/** What W&B makes of bounds alone. */
function guessed({ at, given, isReal }: Given): string {
  if (given.min === undefined || given.max === undefined)
    throw refusal(at, 'needs value, values, min and max, or a distribution');
  const isInteger = (key: 'min' | 'max'): boolean => Number.isInteger(given[key]) && !isReal(key);
  return isInteger('min') && isInteger('max') ? 'int_uniform' : 'uniform';
}

/** The multiples of q within the range. */
function inSteps(at: string, low: number, high: number, q: unknown, notes: string[]): unknown {
  const step = q === undefined ? 1 : numberAt(q, `${at}.q`);
  // Adding 0 makes 0 of -0.
  const multiple = (count: number): number => Number((count * step).toPrecision(15)) + 0;
  const [first, last] = [multiple(Math.ceil(low / step - 1e-9)), multiple(Math.floor(high / step + 1e-9))];
  if (first > last) throw refusal(at, `has no multiple of ${step} from ${low} to ${high}`);
  const [least, most] = [low, high].map((end) => multiple(Math.round(end / step))) as [number, number];
  if (least < first || most > last)
    notes.push(`${at}: W&B also draws ${least < first ? least : most}, outside of its range; here it is not tried`);
  return stepped(Number.isInteger(first) && Number.isInteger(step) ? 'int' : 'uniform', first, last, step);
}

/** Most values that a grid of integers is written out for. */
const longestGrid = 1000;

/** Every value of a grid search as one of a grid. @throws CommandFailed for a range of real numbers */
function gridOf(space: Record<string, unknown>, at = 'parameters'): Record<string, unknown> {
  const entries = Object.entries(space).map(([name, value]): [string, unknown] => {
    const place = `${at}.${name}`;
    if (!isObject(value)) return [name, value];
    if ('choice' in value) return [name, { grid: value.choice }];
    const { int, uniform, step = 1 } = value as { int?: [number, number]; uniform?: [number, number]; step?: number };
    const ends = int ?? ('step' in value ? uniform : undefined);
    if (ends) {
      const count = Math.round((ends[1] - ends[0]) / step) + 1;
      if (count > longestGrid) throw refusal(place, `has ${count} values, too many for a grid`);
      return [
        name,
        { grid: Array.from({ length: count }, (_, index) => Number((ends[0] + index * step).toPrecision(15))) },
      ];
    }
    if (['uniform', 'logUniform', 'normal'].some((key) => key in value))
      throw refusal(place, 'a grid search needs values, or bounds that are integers');
    return [name, gridOf(value, place)];
  });
  return Object.fromEntries(entries);
}

/**
 * Hyperband of W&B: bands at min_iter·eta^k, or at max_iter/eta^k for k from s down to 1, counted in logged rows. A run stops at a band
 * unless it is among the best 1/eta there: what `asha` does here.
 */
function readEarly(
  early: unknown,
  given: number | undefined,
  notes: string[],
): { stopping: Record<string, unknown>; steps: number } | undefined {
  if (early === undefined || early === null) return undefined;
  const place = 'early_terminate';
  const own = objectAt(early, place);
  requireKeys(own, ['type', 'eta', 'min_iter', 'max_iter', 's', 'strict'], place);
  const { type, eta = 3, min_iter, max_iter, s, strict } = own;
  if (type !== 'hyperband') throw refusal(`${place}.type`, `must be hyperband, not ${JSON.stringify(type)}`);
  const factor = numberAt(eta, `${place}.eta`);
  if (strict === true) notes.push(`${place}.strict: is not known here; asha decides as runs come`);
  // Of both, W&B takes max_iter.
  if (min_iter !== undefined && max_iter === undefined) {
    if (given === undefined)
      throw refusal(place, 'does not say how many rows a whole run logs: give that with --steps');
    const minUpdates = numberAt(min_iter, `${place}.min_iter`);
    return { stopping: { rule: 'asha', minUpdates, reductionFactor: factor }, steps: given };
  }
  const most = numberAt(max_iter, `${place}.max_iter`);
  const first = Math.max(1, Math.floor(most / factor ** numberAt(s, `${place}.s`)));
  notes.push(`${place}: bands from ${first} on, in reports of a trial, of which a whole one has ${given ?? most}`);
  return { stopping: { rule: 'asha', minUpdates: first, reductionFactor: factor }, steps: given ?? most };
}
