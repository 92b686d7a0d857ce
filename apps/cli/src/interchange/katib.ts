import { parse } from 'yaml';
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

/** An experiment of Katib: https://www.kubeflow.org/docs/components/katib/user-guides/hp-tuning/configure-experiment/. */
export const isKatib = (document: unknown): boolean =>
  isObject(document) && document.kind === 'Experiment' && String(document.apiVersion).startsWith('kubeflow.org/');

const algorithms: Readonly<Record<string, string>> = {
  ...{ random: 'random', grid: 'grid', sobol: 'sobol', tpe: 'tpe', 'multivariate-tpe': 'tpe' },
  ...{ bayesianoptimization: 'gaussian-process', cmaes: 'cma-es' },
};

/** What says how Katib runs a trial. */
const aboutRuns = ['trialTemplate', 'metricsCollectorSpec', 'resumePolicy', 'nasConfig'];
const known = [
  ...['objective', 'algorithm', 'parameters', 'earlyStopping'],
  ...['parallelTrialCount', 'maxTrialCount', 'maxFailedTrialCount', ...aboutRuns],
];

/** The settings of an algorithm by name; Katib writes them as a list of texts. */
function settings(list: unknown): Record<string, string> {
  if (!Array.isArray(list)) return {};
  return Object.fromEntries(
    list.map((each) => [String(objectAt(each, 'algorithmSettings').name), String((each as { value: unknown }).value)]),
  );
}

/** The study of a Katib experiment in YAML. @throws CommandFailed for what a study cannot do, with its place */
export function readKatib(text: string, { name, steps }: ImportOptions): ImportedStudy {
  const { metadata, spec: given } = parse(text) as Record<string, unknown>;
  const spec = objectAt(given, 'spec');
  requireKeys(spec, known, 'spec');
  if (spec.nasConfig !== undefined) throw refusal('spec.nasConfig', 'a search of architectures cannot be imported');
  const notes: string[] = [];
  const objective = objectAt(spec.objective, 'spec.objective');
  requireKeys(
    objective,
    ['type', 'goal', 'objectiveMetricName', 'additionalMetricNames', 'metricStrategies'],
    'spec.objective',
  );
  const { type, goal: target, objectiveMetricName } = objective;
  if (type !== 'minimize' && type !== 'maximize')
    throw refusal('spec.objective.type', `must be minimize or maximize, not ${JSON.stringify(type)}`);
  notes.push(`what Katib collects as ${String(objectiveMetricName)} is told to the study as its value`);
  const use = readStrategy(objective, type);
  const algorithm = readAlgorithm(spec.algorithm, notes);
  const stopping = readStopping(spec.earlyStopping, steps);
  const count = (key: string): number | undefined =>
    spec[key] === undefined ? undefined : numberAt(spec[key], `spec.${key}`);
  const given_ = (values: Record<string, number | undefined>): Record<string, number> =>
    Object.fromEntries(Object.entries(values).filter((entry): entry is [string, number] => entry[1] !== undefined));
  const budget = given_({
    concurrentTrials: count('parallelTrialCount'),
    failedTrials: count('maxFailedTrialCount'),
    target: target === undefined ? undefined : numberAt(target, 'spec.objective.goal'),
  });
  if (spec.trialTemplate !== undefined)
    notes.push(
      'Katib starts the trial template; a study is asked: give it a loop over unroll.study, as in docs/studies.md',
    );
  const { name: own } = isObject(metadata) ? metadata : {};
  return {
    spec: {
      name: name ?? (typeof own === 'string' ? own : 'Katib experiment'),
      space: readParameters(spec.parameters, algorithm === 'grid'),
      goal: type,
      ...(use === 'last' ? {} : { use }),
      ...(steps === undefined ? {} : { steps }),
      search: { algorithm, ...given_({ trials: count('maxTrialCount') }) },
      ...(stopping ? { stopping } : {}),
      ...(Object.keys(budget).length > 0 ? { budget } : {}),
    },
    trials: [],
    notes,
  };
}

/** Which of a trial's reports counts: with Katib the best, unless its strategy for the metric says `latest`. */
function readStrategy(
  { metricStrategies: all = [], objectiveMetricName: name }: Record<string, unknown>,
  goal: string,
): 'best' | 'last' {
  const place = 'spec.objective.metricStrategies';
  if (!Array.isArray(all)) throw refusal(place, 'must be a list of names and values');
  const own = all.map((each) => objectAt(each, place)).find((each) => each.name === name)?.value;
  const best = goal === 'minimize' ? 'min' : 'max';
  if (own === 'latest') return 'last';
  if (own === undefined || own === best) return 'best';
  throw refusal(place, `${JSON.stringify(own)} of the objective has no counterpart here; there are ${best} and latest`);
}

function readAlgorithm(given: unknown, notes: string[]): string {
  const { algorithmName, algorithmSettings } = objectAt(given, 'spec.algorithm');
  const found = algorithms[String(algorithmName)];
  const own = Object.keys(settings(algorithmSettings));
  if (own.length > 0) notes.push(`settings of the algorithm are not taken over: ${own.join(', ')}`);
  if (found !== undefined) return found;
  throw refusal(
    'spec.algorithm.algorithmName',
    `${String(algorithmName)} has no counterpart here; there are ${Object.keys(algorithms).join(', ')}`,
  );
}

/** Median stopping, with Katib's defaults: three trials, from the fourth report on. */
function readStopping(given: unknown, steps: number | undefined): Record<string, unknown> | undefined {
  if (given === undefined || given === null) return undefined;
  const { algorithmName, algorithmSettings } = objectAt(given, 'spec.earlyStopping');
  if (algorithmName !== 'medianstop')
    throw refusal('spec.earlyStopping.algorithmName', `must be medianstop, not ${JSON.stringify(algorithmName)}`);
  if (steps === undefined)
    throw refusal(
      'spec.earlyStopping',
      'the file does not say how often a whole trial reports: give that with --steps',
    );
  const place = 'spec.earlyStopping.algorithmSettings';
  const own = settings(algorithmSettings);
  requireKeys(own, ['min_trials_required', 'start_step'], place);
  const { min_trials_required: trials = '3', start_step: first = '4' } = own;
  return {
    rule: 'median',
    minTrials: numberAt(trials, `${place}.min_trials_required`),
    minUpdates: numberAt(first, `${place}.start_step`),
  };
}

function readParameters(given: unknown, isGrid: boolean): Record<string, unknown> {
  if (!Array.isArray(given) || given.length === 0) throw refusal('spec.parameters', 'must be a list of parameters');
  return Object.fromEntries(
    given.map((each, index) => {
      const at = `spec.parameters[${index}]`;
      const parameter = objectAt(each, at);
      return [String(parameter.name), readParameter(parameter, at, isGrid)];
    }),
  );
}

function readParameter(
  { parameterType, feasibleSpace }: Record<string, unknown>,
  at: string,
  isGrid: boolean,
): unknown {
  const place = `${at}.feasibleSpace`;
  const feasible = objectAt(feasibleSpace, place);
  requireKeys(feasible, ['min', 'max', 'step', 'list', 'distribution'], place);
  const { min, max, step, list, distribution = 'uniform' } = feasible;
  if (parameterType === 'categorical' || parameterType === 'discrete') {
    if (!Array.isArray(list) || list.length === 0) throw refusal(`${place}.list`, 'must be a list of values');
    const values =
      parameterType === 'discrete' ? list.map((each) => numberAt(each, `${place}.list`)) : (list as unknown[]);
    return { [isGrid ? 'grid' : 'choice']: values };
  }
  if (parameterType !== 'double' && parameterType !== 'int')
    throw refusal(
      `${at}.parameterType`,
      `must be double, int, categorical or discrete, not ${JSON.stringify(parameterType)}`,
    );
  const [low, high] = [numberAt(min, `${place}.min`), numberAt(max, `${place}.max`)];
  if (low > high) throw refusal(place, `min is ${low}, above max, ${high}`);
  const isLog = distribution === 'logUniform';
  if (!isLog && distribution !== 'uniform')
    throw refusal(
      `${place}.distribution`,
      `${String(distribution)} has no counterpart with bounds: write uniform or logUniform`,
    );
  const isInt = parameterType === 'int';
  if (step === undefined) {
    if (isGrid) throw refusal(`${place}.step`, 'is missing: a grid search needs steps');
    return isInt
      ? ranged('int', low, high, isLog ? { log: true } : {})
      : ranged(isLog ? 'logUniform' : 'uniform', low, high);
  }
  if (isLog) throw refusal(`${place}.step`, 'steps on a log scale cannot be imported: leave step or distribution out');
  const size = numberAt(step, `${place}.step`);
  if (!isGrid) return stepped(isInt ? 'int' : 'uniform', low, high, size);
  const count = Math.floor((high - low) / size + 1e-9) + 1;
  return { grid: Array.from({ length: count }, (_, index) => Number((low + index * size).toPrecision(15))) };
}
