import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseLoose } from './loose-json';
import { isObject } from '../input/is-object';
import { ranged, refusal, type ImportedStudy, type ImportedTrial, type ImportOptions } from './imported-study';

/** Keys that Ray adds to each result. */
const ofRay = new Set([
  ...['timestamp', 'checkpoint_dir_name', 'should_checkpoint', 'done', 'training_iteration', 'trial_id', 'date'],
  ...['time_this_iter_s', 'time_total_s', 'pid', 'hostname', 'node_ip', 'config', 'time_since_restore'],
  ...['iterations_since_restore', 'experiment_tag'],
]);

interface RayTrial {
  /** Of its folder. */
  name: string;
  parameters: Record<string, unknown>;
  rows: Record<string, unknown>[];
}

/** Whether a folder holds the results of an experiment of Ray Tune. */
export const isRay = (folder: string): boolean =>
  readdirSync(folder).some((name) => /^experiment_state-.*\.json$/.test(name)) ||
  readdirSync(folder).some((name) => existsSync(join(folder, name, 'params.json')));

/**
 * The trials of a folder: `params.json`, and a result on each line of `result.json`. `progress.csv` lacks keys that came after the first
 * row.
 */
function readTrials(folder: string): RayTrial[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((each) => each.isDirectory() && existsSync(join(folder, each.name, 'params.json')))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name }) => {
      const parameters = parseFile(join(folder, name, 'params.json')) as Record<string, unknown>;
      const file = join(folder, name, 'result.json');
      return { name, parameters, rows: existsSync(file) ? lastOfEach(readRows(file)) : [] };
    });
}

/** @throws CommandFailed for a file that is not JSON */
function parseFile(file: string): unknown {
  try {
    return parseLoose(readFileSync(file, 'utf8'));
  } catch (error) {
    throw refusal(file, `is not valid JSON (${(error as Error).message})`);
  }
}

/** The results of a file, without a last line that was being written when its process died. @throws CommandFailed for another line */
function readRows(file: string): Record<string, unknown>[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.flatMap((line, index) => {
    if (line.trim() === '') return [];
    try {
      return [flat(parseLoose(line))];
    } catch (error) {
      if (index === lines.length - 1) return [];
      throw refusal(`${file}, line ${index + 1}`, `is not valid JSON (${(error as Error).message})`);
    }
  });
}

/** A result whose nested metrics have the names that Ray Tune has for them: `eval/loss`. */
const flat = (row: unknown, before = ''): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(Object(row) as object).flatMap(([key, value]: [string, unknown]) =>
      isObject(value) && !ofRay.has(key) ? Object.entries(flat(value, `${before}${key}/`)) : [[before + key, value]],
    ),
  );

/** A trial that goes on from a checkpoint reports again what it had reported after it: the later one counts. */
function lastOfEach(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  let first = Infinity;
  const kept = rows.toReversed().filter(({ training_iteration: own }) => {
    if (typeof own !== 'number') return true;
    const isLast = own < first;
    first = Math.min(first, own);
    return isLast;
  });
  return kept.reverse();
}

/** The folders of trials that failed, or had not ended when the experiment was written last. */
function unended(folder: string): Set<string> {
  const file = readdirSync(folder)
    .filter((name) => /^experiment_state-.*\.json$/.test(name))
    .sort()
    .at(-1);
  if (file === undefined) return new Set();
  const { trial_data: all = [] } = parseFile(join(folder, file)) as { trial_data?: unknown[] };
  const trials = all.map((each) => {
    const [text] = [each].flat();
    return Object(typeof text === 'string' ? parseLoose(text) : text) as Record<string, unknown>;
  });
  const others = trials.filter(({ status }) => status !== undefined && status !== 'TERMINATED');
  return new Set(others.map(({ relative_logdir: name }) => basename(String(name))));
}

/** A study of the results of Ray Tune. The folder does not say how parameters were drawn: they get the range that was tried. */
export function readRay(folder: string, { name, metric, goal }: ImportOptions): ImportedStudy {
  const all = readTrials(folder);
  if (all.length === 0) throw refusal(folder, 'has no trials: name the folder of one experiment');
  const keys = [...new Set(all.flatMap(({ rows }) => rows.flatMap((row) => Object.keys(row))))];
  const metrics = keys.filter((key) => !ofRay.has(key));
  if (metric === undefined || !metrics.includes(metric))
    throw refusal(
      '--metric',
      `${metric === undefined ? '' : `there is no ${metric}; `}name one of ${metrics.join(', ')}`,
    );
  if (goal === undefined) throw refusal('--goal', `say whether ${metric} is to minimize or maximize`);
  const curves = all.map(({ rows }) => rows.flatMap((row) => (metric in row ? [finite(row[metric])] : [])));
  const open = unended(folder);
  const complete = all.flatMap(({ name: own, parameters }, index): ImportedTrial[] =>
    !open.has(own) && Number.isFinite(curves[index]!.at(-1) ?? NaN)
      ? [{ parameters, outcome: { curve: curves[index]! } }]
      : [],
  );
  const left = all.length - complete.length;
  const space = spaceOf(all.map(({ parameters }) => parameters));
  return {
    spec: {
      name: name ?? basename(folder),
      space,
      goal,
      steps: Math.max(1, ...curves.map(({ length }) => length)),
    },
    trials: complete,
    notes: [
      'the folder does not say how parameters were drawn: each has the range that was tried; --print shows it as a file to correct',
      ...(left > 0
        ? [
            `${left} of ${all.length} trials are left out: they failed, had not ended, or ended without a finite ${metric}`,
          ]
        : []),
    ],
  };
}

/** A number that is not finite is null there, or of float32 the text "null". */
const finite = (value: unknown): number => (typeof value === 'number' ? value : NaN);

function spaceOf(all: readonly Record<string, unknown>[]): Record<string, unknown> {
  const names = [...new Set(all.flatMap((parameters) => Object.keys(parameters)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = all.flatMap((parameters) => (name in parameters ? [parameters[name]] : []));
      if (values.every(isObject)) return [name, spaceOf(values)];
      return [name, rangeOf(values)];
    }),
  );
}

/** Times that the largest value is the smallest from which on a range is drawn on a log scale. */
const logFrom = 50;

function rangeOf(values: readonly unknown[]): unknown {
  const different = [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
  if (different.length === 1) return different[0];
  if (!different.every((value): value is number => typeof value === 'number')) return { choice: different };
  const [low, high] = [Math.min(...different), Math.max(...different)];
  const isLog = low > 0 && high / low >= logFrom;
  if (different.every(Number.isInteger)) return ranged('int', low, high, isLog ? { log: true } : {});
  return ranged(isLog ? 'logUniform' : 'uniform', low, high);
}
