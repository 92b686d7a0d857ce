import { sharedByLanes, type TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import { frozenApart } from '../nn/freezing';
import { initialValues, type Parameter } from '../nn/parameter';
import { taskParameters } from '../tasks/tasks';

/** Networks of which a data set's parameters are kept; beyond that all are forgotten. */
const mostNetworks = 64;
/** Numbers of first values that are kept; beyond that all are forgotten. */
const mostValues = 2 ** 22;

/** The parameters of a trial's network: those that are trained, buffers included, and those that keep their first values. */
type Parts = ReturnType<typeof frozenApart>;

/** By what decides them, of each data set. */
const known = new WeakMap<PreparedData, Map<string, Parts>>();

/**
 * The parameters of trials that share all that lanes of one array share: one object each for networks that are equal but for what is
 * dropped in training. `first`: one of the trials. Throws Error for data that the task cannot use.
 */
export function partsOf(first: TrialSpec, data: PreparedData): (spec: TrialSpec) => Parts {
  const shared = JSON.stringify(sharedByLanes(first));
  const all = known.get(data) ?? new Map<string, Parts>();
  known.set(data, all);
  return (spec) => {
    const { dropout, recurrentDropout, weightDrop, ...model } = spec.model;
    const drops = [dropout, recurrentDropout, weightDrop].map((rate) => rate > 0);
    const key = JSON.stringify([shared, model, drops, spec.training.freeze]);
    const found = all.get(key);
    if (found) return found;
    const parts = frozenApart(taskParameters(spec, data), spec.training.freeze);
    if (all.size >= mostNetworks) all.clear();
    all.set(key, parts);
    return parts;
  };
}

/** The first values of parameters from a seed. Most sweeps compare many trials of few networks and seeds, which begin alike. */
export class FirstValues {
  private readonly kept = new Map<Parameter, Map<number, Float32Array>>();
  private size = 0;

  /** Not to be changed. */
  of(parameter: Parameter, seed: number): Float32Array {
    const found = this.kept.get(parameter)?.get(seed);
    if (found) return found;
    const values = initialValues(parameter, seed);
    if (values.length > mostValues) return values;
    if (this.size + values.length > mostValues) this.forget();
    this.size += values.length;
    const ofSeeds = this.kept.get(parameter);
    if (ofSeeds) ofSeeds.set(seed, values);
    else this.kept.set(parameter, new Map([[seed, values]]));
    return values;
  }

  private forget(): void {
    this.kept.clear();
    this.size = 0;
  }
}
