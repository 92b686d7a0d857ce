import type { Training } from './run';

/** The largest differences from the reference engine. */
export interface Tolerance {
  /** Of losses, relative. */
  losses: number;
  /** Of norms, which sum up more rounding: relative. */
  norms: number;
  /** Whether the same is written: a choice between two tokens may turn where rounding is coarse. */
  samples: boolean;
}

export const float32Tolerance: Tolerance = { losses: 1e-4, norms: 1e-3, samples: true };
/** Operands of 8 bits: a coarse check that nothing else is different. */
export const bfloat16Tolerance: Tolerance = { losses: 0.05, norms: 0.2, samples: false };
/** Operands of 11 bits. */
export const float16Tolerance: Tolerance = { losses: 0.01, norms: 0.05, samples: false };
/** Of answers, relative or absolute below 1: the same weights answer, in float32. */
const answerTolerance = 1e-3;

const isLoss = (metric: string): boolean => metric.endsWith('.loss');
/** Metrics that are continuous in the weights; the others jump where two answers are as likely. */
const isContinuous = (metric: string): boolean => isLoss(metric) || metric === 'train.gradientNorm';

/**
 * Below this, differences are absolute: the loss of a sure answer is a difference of logits, each of which is rounded to about 1e-7 of its
 * size, so that a loss of 1e-3 cannot agree to 1e-4 of itself.
 */
const leastLoss = 1e-2;

const relative = (ours: number, theirs: number): number =>
  ours === theirs ? 0 : Math.abs(ours - theirs) / Math.max(leastLoss, Math.abs(theirs));

/** What no training may give: another end than the last update, a loss that is 0 or not a number, weights that are not numbers. */
export function unsound({ result, reports }: Training): string[] {
  const { state, message, weights } = result;
  if (state !== 'completed') return [`it ended ${state}${message === undefined ? '' : `: ${message}`}`];
  const losses = reports.flatMap(({ update, metrics }) =>
    Object.entries(metrics)
      .filter(([metric, value]) => isLoss(metric) && (value === 0 || !Number.isFinite(value)))
      .map(([metric, value]) => `${metric} is ${value} at update ${update}`),
  );
  const odd = Object.entries(weights ?? {}).filter(([, { values }]) => !values.every(Number.isFinite));
  return [...losses, ...odd.map(([name]) => `${name} is not finite`)];
}

interface Given {
  training: Training;
  answers: unknown;
}

/** A difference is allowed to be this many times what moving the first weights by their rounding makes. */
const timesMoved = 10;

/**
 * How a training and its answers differ from those of the reference engine. `moved`: the reference once more from weights that differ by
 * rounding. Where it goes another way itself, no engine can be held to it.
 */
export function differences(
  { training, answers }: Given,
  reference: Given,
  allowed: Tolerance = float32Tolerance,
  moved: Training = reference.training,
): string[] {
  const { reports } = reference.training;
  if (training.reports.length !== reports.length)
    return [`it reported ${training.reports.length} times, not ${reports.length} times`];
  const ofReports = reports.flatMap((theirs, place) => {
    const { metrics, sample } = training.reports[place]!;
    const other = moved.reports[place];
    const ofMetrics = Object.entries(theirs.metrics).flatMap(([metric, value]) => {
      const difference = relative(metrics[metric] ?? NaN, value);
      const tolerance = Math.max(
        isLoss(metric) ? allowed.losses : allowed.norms,
        timesMoved * relative(other?.metrics[metric] ?? value, value),
      );
      if (!isContinuous(metric) || difference <= tolerance) return [];
      return [`${metric} at update ${theirs.update} is ${metrics[metric]}, not ${value}`];
    });
    const isSame = sample === theirs.sample || !allowed.samples || other?.sample !== theirs.sample;
    return isSame
      ? ofMetrics
      : [...ofMetrics, `it writes ${JSON.stringify(sample)}, not ${JSON.stringify(theirs.sample)}`];
  });
  const difference = answerDifference(answers, reference.answers);
  return difference === undefined ? ofReports : [...ofReports, `its answers differ: ${difference}`];
}

/** The first difference of answers: words that are not equal, or numbers that are not near. */
function answerDifference(ours: unknown, theirs: unknown): string | undefined {
  if (typeof ours === 'number' && typeof theirs === 'number') {
    const isNear = Math.abs(ours - theirs) <= answerTolerance * Math.max(1, Math.abs(theirs));
    return isNear ? undefined : `${ours}, not ${theirs}`;
  }
  // What draws from an answer has no value of its own.
  if (typeof ours === 'function' && typeof theirs === 'function') return undefined;
  if (typeof ours !== 'object' || typeof theirs !== 'object' || ours === null || theirs === null)
    return ours === theirs ? undefined : `${JSON.stringify(ours)}, not ${JSON.stringify(theirs)}`;
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  for (const key of keys) {
    const [own, other] = [ours, theirs].map((each) => (each as Record<string, unknown>)[key]);
    const found = answerDifference(own, other);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** How a resumed run differs from the uninterrupted one: it may not, in any bit. */
export function resumedDifferences(resumed: Training, whole: Training): string[] {
  const first = resumed.reports[0]?.update ?? Infinity;
  const [ours, theirs] = [resumed, whole].map(({ result: { weights, ...others }, reports }) => ({
    weights: weights ?? {},
    others: exactly({ ...others, reports: reports.filter(({ update }) => update >= first) }),
  })) as [Plain, Plain];
  const changed = Object.keys({ ...ours.weights, ...theirs.weights }).filter((name) => {
    const [a, b] = [ours.weights[name], theirs.weights[name]];
    return !a || !b || Buffer.compare(bytesOf(a.values), bytesOf(b.values)) !== 0;
  });
  return [
    ...(ours.others === theirs.others ? [] : [`resumed, it gives ${ours.others}, not ${theirs.others}`]),
    ...(changed.length === 0 ? [] : [`resumed, it has other weights: ${changed.join(', ')}`]),
  ];
}

interface Plain {
  weights: NonNullable<Training['result']['weights']>;
  others: string;
}

/** As text, NaN and infinities included. */
const exactly = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'number' ? String(each) : each));

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
