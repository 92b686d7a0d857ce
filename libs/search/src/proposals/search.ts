import {
  countFolds,
  canonical,
  fileOptions,
  isStudy,
  ValidationError,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { getConstraints } from '../constraints';
import { randomNumbers, type Numbers } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import {
  toAxes,
  drawAt,
  gridPoint,
  flatten,
  isWhole,
  toPoint,
  toSpace,
  type Axis,
  type Point,
  type Space,
} from '../space/point';
import { finitePoints, isContinuous, pointKey } from '../space/finite';
import { searched } from '../space/searched';
import type { Suggester } from '../samplers/sampler';
import type { Parameters } from '../space/space';
import { drawnParameters, wholeTrial } from '../space/whole-trial';
import { enqueuedOf } from './enqueue';
import { structuralDimensions } from '../fusion/structure';

/** One configuration: a trial without its seed. */
export interface Configuration {
  number: number;
  parameters: Parameters;
  /** Its seed is replaced in each of its trials. */
  spec: TrialSpec;
}

/** The logged outcome of a configuration. `value`: lower is better; null without a value. */
export interface Outcome {
  number: number;
  value: number | null;
  /** Fraction of its training completed: 1 unless it ended early. */
  share: number;
  /** The values of further objectives, if any; lower is better. */
  others?: readonly (number | null)[] | undefined;
}

/** The axes of a sweep's searched parameters. */
export const parameterAxes = (spec: SweepSpec): Axis[] => toAxes(toSpace(searched(spec)));

/** The settings that every trial of a sweep has, as flat parameters; without the seed, which is another one in each. */
export function fixedParameters(spec: SweepSpec): Parameters {
  const { 'training.seed': _, ...fixed } = flatten('', searched(spec));
  return fixed;
}

/** All settings of a trial as flat parameters: every leaf by its path. */
export const toParameters = (spec: TrialSpec): Parameters => flatten('', drawnParameters(spec) ?? spec);

/** Maximum draws for a valid configuration: without constraints, with them, and where the points left can be listed. */
const attempts = 100;
const constrainedAttempts = 2000;
const listedAttempts = 10;

/**
 * The search of one sweep: proposals, their outcomes, and what to try next. Deterministic: the same calls of `recall`, `learn` and
 * `propose` in the same order give the same proposals. It keeps state, so that a proposal costs the same after 100,000 trials as after
 * 1,000. No configuration is proposed twice.
 */
export class SweepSearch {
  private readonly space: Space;
  private readonly suggester: Suggester;
  private readonly learns: boolean;
  /** Configurations in flight, by number; of a search that does not learn, all. */
  private readonly running = new Map<number, Point>();
  /** The last outcomes of the configurations that have one. */
  private readonly learned = new Map<number, Observation>();
  /** The points of a space in which a draw may repeat an earlier one. */
  private readonly taken: Set<string> | undefined;
  /** Numbers below this are proposed. */
  private next = 0;
  private draws = 0;

  /** How many points were drawn so far, those that the constraints refused included. */
  get drawnPoints(): number {
    return this.draws;
  }

  constructor(private readonly spec: SweepSpec) {
    this.space = toSpace(searched(spec));
    const { sampler } = chooseSampler(spec);
    this.learns = sampler.learns;
    this.suggester = sampler.open(this.space, spec.search.seed);
    this.taken = isContinuous(this.space) ? undefined : new Set();
  }

  /** Warm start: learns the results of earlier sweeps, before anything else. Returns how many of them are in this space. */
  learnFrom(earlier: readonly { parameters: Parameters; value: number }[]): number {
    let taken = 0;
    for (const { parameters, value } of earlier) {
      const point = this.wholePoint(parameters);
      if (!point) continue;
      taken += 1;
      this.suggester.learn({ number: -taken, point, values: [value], share: 1 });
    }
    return taken;
  }

  /** The point of a configuration that sets every dimension; undefined if it is outside the space. */
  private wholePoint(parameters: Parameters): Point | undefined {
    const { point } = toPoint(this.space, parameters);
    return isWhole(this.space, point) ? point : undefined;
  }

  /**
   * The parameters of an earlier trial in this space; undefined if it is outside, because a searched value has no place here, another value
   * is not the one set here, or a constraint does not hold. `drawn`: the parameters under which it was drawn.
   */
  place(trial: TrialSpec, drawn: Parameters): Parameters | undefined {
    const given = { ...toParameters(trial), ...drawn };
    const point = this.wholePoint(given);
    if (!point || !getConstraints(this.spec).allows(point, given)) return undefined;
    const { parameters, tree } = drawAt(this.space, (dimension) => point[dimension]!);
    const own = {
      ...toParameters(wholeTrial(this.spec, tree)),
      ...(isStudy(this.spec) ? {} : { 'training.seed': trial.training.seed }),
    } as Parameters;
    if (countFolds(this.spec) > 1) own['dataset.fold.index'] = trial.dataset.fold?.index;
    const paths = new Set([...Object.keys(toParameters(trial)), ...Object.keys(own)]);
    // The files that a sweep names have one content while it runs: it need not identify it, as its trials do.
    const isAdded = (path: string): boolean =>
      fileOptions.some(({ fingerprint }) => fingerprint === path) && !Object.hasOwn(own, path);
    const differs = (path: string): boolean =>
      !Object.hasOwn(parameters, path) && !isAdded(path) && canonical(given[path]) !== canonical(own[path]);
    if ([...paths].some(differs)) return undefined;
    return Object.fromEntries(Object.keys(parameters).map((path) => [path, given[path]]));
  }

  /** Goes on with configuration `next` after an edit of the sweep, knowing earlier ones by their parameters in this space. */
  inherit(next: number, earlier: readonly Pick<Configuration, 'number' | 'parameters'>[]): void {
    for (const each of earlier) this.recall(each);
    this.next = next;
  }

  /** How many points of the space are not proposed yet; Infinity if they cannot be listed. */
  get left(): number {
    return finitePoints(this.spec)?.filter((point) => !this.taken?.has(pointKey(point))).length ?? Infinity;
  }

  /**
   * Registers a configuration that was proposed before and has no outcome yet. Its point is that of its parameters, in which a position
   * may be rounded, so that a search restored from its log goes on in the same way.
   */
  recall({ number, parameters }: Pick<Configuration, 'number' | 'parameters'>): Point {
    const { point } = toPoint(this.space, parameters);
    this.next = Math.max(this.next, number + 1);
    this.taken?.add(pointKey(point));
    if (this.learns && !this.learned.has(number)) this.running.set(number, point);
    return point;
  }

  /**
   * Learns an outcome. A configuration that was trained further has another one, beside the earlier; one that was tried again has a value
   * in place of none. An unknown configuration, or another outcome of no longer a training, is ignored.
   */
  learn({ number, value, share, others = [] }: Outcome): void {
    const earlier = this.learned.get(number);
    const point = earlier?.point ?? this.running.get(number);
    const isLonger = share > (earlier?.share ?? -1);
    const replaced = Number.isNaN(earlier?.values[0]) && value !== null ? earlier : undefined;
    if (!point || !(isLonger || replaced)) return;
    this.running.delete(number);
    const observation: Observation = { number, point, values: [value, ...others].map((each) => each ?? NaN), share };
    this.learned.set(number, observation);
    this.suggester.learn(observation, replaced);
  }

  /**
   * The configurations `first` to `first + count − 1`. With `alike`, that many of them (of one grid point) agree in everything that
   * trials must share to train as lanes of one array. They take turns, so that the first ones differ.
   * @throws ValidationError if a sampled configuration is not a valid trial, or all of the space is proposed
   */
  propose(first: number, count: number, alike = 1): Configuration[] {
    this.catchUp(first);
    const leaders = new Map<number, Point[]>();
    const { gridSize } = this.space;
    return Array.from({ length: count }, (_, index) => {
      const number = first + index;
      const led = leaders.get(number % gridSize) ?? [];
      leaders.set(number % gridSize, led);
      const groups = Math.ceil(count / gridSize / alike);
      const turn = Math.floor(index / gridSize);
      const configuration = this.configuration(number, turn < groups ? undefined : led[turn % groups]);
      const point = this.recall(configuration);
      if (turn < groups && alike > 1) led.push(this.structuralPart(point));
      return configuration;
    });
  }

  /** What was drawn before follows from the seed if nothing was learned: needed only where a draw may repeat it. */
  private catchUp(first: number): void {
    if (this.learns || !this.taken) return;
    while (this.next < first) this.recall(this.configuration(this.next, undefined));
  }

  /** The part of a point that a trial's fusion signature depends on. */
  private structuralPart(point: Point): Point {
    const structural = structuralDimensions(this.spec);
    return point.map((each, index) => (structural.has(index) ? each : NaN));
  }

  private configuration(number: number, leader: Point | undefined): Configuration {
    const grid = gridPoint(this.space, number % this.space.gridSize);
    const enqueued = enqueuedOf(this.spec)[number];
    const start = enqueued?.point;
    const given = start ?? leader;
    const fixed = grid.map((each, index) => (Number.isNaN(each) && given ? given[index]! : each));
    const constraints = getConstraints(this.spec);
    const allows = (point: Point): boolean => constraints.allows(point, enqueued?.given);
    const isNew = (point: Point): boolean => !this.taken?.has(pointKey(point));
    const listed = finitePoints(this.spec);
    const most = listed ? listedAttempts : this.spec.search.constraints?.length ? constrainedAttempts : attempts;
    const running = [...this.running.values()];
    const numbersAt = (attempt: number): Numbers => randomNumbers(this.spec.search.seed, number, attempt);
    let refusal: ValidationError | undefined;
    for (let attempt = 0; attempt < most; attempt += 1) {
      this.draws += 1;
      // A batch's structure may be infeasible, or exhausted: it is dropped after half of the attempts.
      const held = start || attempt < most / 2 ? fixed : grid;
      const point = this.suggester.suggest({
        ...{ number, attempt, fixed: held, running, numbers: numbersAt(attempt) },
        allows: (each) => allows(each) && isNew(each),
      });
      if (!allows(point) || !isNew(point)) continue;
      try {
        return this.drawn(number, point, enqueued?.given);
      } catch (error) {
        // Only a value from an unbounded distribution can be valid in another draw.
        if (!(error instanceof ValidationError) || !this.areNormal(error)) throw error;
        refusal = error;
      }
    }
    const left = listed?.filter(isNew) ?? [];
    // A grid point whose own points are all proposed lends its turn to another.
    const own = left.filter((point) => agrees(point, start ? fixed : grid));
    const chosen = own.length > 0 ? own : start ? [] : left;
    if (chosen.length > 0) return this.drawn(number, chosen[numbersAt(most).below(chosen.length)]!);
    throw refusal ?? nothingLeft(number, start !== undefined, listed, start && !isNew(start));
  }

  private drawn(number: number, point: Point, given?: Parameters): Configuration {
    const { parameters, tree } = drawAt(this.space, (dimension) => point[dimension]!, given);
    return { number, parameters, spec: wholeTrial(this.spec, tree) };
  }

  /** Whether every invalid value was drawn from a normal distribution. */
  private areNormal({ errors }: ValidationError): boolean {
    const normal = this.space.dimensions.flatMap(({ path, distribution }) => ('normal' in distribution ? [path] : []));
    return errors.every(({ path }) => normal.includes(path));
  }
}

/** Whether a point has all given positions; NaN is not given. */
const agrees = (point: Point, given: Point): boolean =>
  given.every((each, index) => Number.isNaN(each) || each === point[index]);

function nothingLeft(
  number: number,
  isStart: boolean,
  listed: readonly Point[] | undefined,
  isRepeated = false,
): ValidationError {
  const message = isRepeated
    ? 'repeats an earlier one: leave it out'
    : isStart
      ? 'does not satisfy the constraints'
      : listed
        ? `the space has only ${listed.length} points`
        : `too few configurations satisfy them: none that is new found in ${constrainedAttempts} draws`;
  const path = isStart ? `search.enqueue[${number}]` : listed ? 'search.trials' : 'search.constraints';
  return new ValidationError([{ path, message }]);
}
