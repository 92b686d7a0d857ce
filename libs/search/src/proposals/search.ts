import { trialSpec, validate, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { getConstraints } from '../constraints';
import { randomNumbers } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import {
  toAxes,
  drawAt,
  exists,
  gridPoint,
  flatten,
  toPoint,
  toSpace,
  type Axis,
  type Point,
  type Space,
} from '../space/point';
import { searched } from '../space/searched';
import type { Suggester } from '../samplers/sampler';
import type { Parameters } from '../space/space';
import { enqueuedPoints } from './enqueue';
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

/** All settings of a trial as flat parameters: every leaf by its path. */
export const toParameters = (spec: TrialSpec): Parameters => flatten('', spec);

/** Maximum draws for a valid configuration, without and with constraints. */
const attempts = 100;
const constrainedAttempts = 2000;

/**
 * The search of one sweep: proposals, their outcomes, and what to try next. Deterministic: the same calls of `recall`, `learn` and
 * `propose` in the same order give the same proposals. It keeps state, so that a proposal costs the same after 100,000 trials as after
 * 1,000.
 */
export class SweepSearch {
  private readonly space: Space;
  private readonly suggester: Suggester;
  private readonly learns: boolean;
  /** Configurations in flight, by number. */
  private readonly running = new Map<number, Point>();
  private readonly learned = new Set<number>();

  constructor(private readonly spec: SweepSpec) {
    this.space = toSpace(searched(spec));
    const { sampler } = chooseSampler(spec);
    this.learns = sampler.learns;
    this.suggester = sampler.open(this.space, spec.search.seed);
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
    const { dimensions } = this.space;
    const isWhole = dimensions.every((each, index) => !Number.isNaN(point[index]!) || !exists(point, each, dimensions));
    return isWhole ? point : undefined;
  }

  /** Registers a configuration that was proposed before and has no outcome yet. */
  recall({ number, parameters }: Pick<Configuration, 'number' | 'parameters'>): void {
    if (!this.learned.has(number)) this.running.set(number, toPoint(this.space, parameters).point);
  }

  /** Learns an outcome. An unknown configuration, or a second outcome, is ignored. */
  learn({ number, value, share, others = [] }: Outcome): void {
    const point = this.running.get(number);
    if (!point) return;
    this.running.delete(number);
    this.learned.add(number);
    const observation: Observation = { number, point, values: [value, ...others].map((each) => each ?? NaN), share };
    this.suggester.learn(observation);
  }

  /**
   * The configurations `first` to `first + count − 1`. With `lanes`, that many consecutive ones (of one grid point) agree in
   * everything that trials must share to train as lanes of one array.
   * @throws ValidationError if a sampled configuration is not a valid trial
   */
  propose(first: number, count: number, lanes = 1): Configuration[] {
    const leaders = new Map<number, { point: Point; led: number }>();
    return Array.from({ length: count }, (_, index) => {
      const number = first + index;
      const grid = number % this.space.gridSize;
      const leader = leaders.get(grid);
      const configuration = this.configuration(number, leader && leader.led < lanes ? leader.point : undefined);
      this.recall(configuration);
      if (lanes > 1 && leader && leader.led < lanes) leader.led += 1;
      else if (lanes > 1) leaders.set(grid, { point: this.structuralPart(this.running.get(number)!), led: 1 });
      return configuration;
    });
  }

  /** The part of a point that a trial's fusion signature depends on. */
  private structuralPart(point: Point): Point {
    const structural = structuralDimensions(this.spec);
    return point.map((each, index) => (structural.has(index) ? each : NaN));
  }

  private configuration(number: number, leader: Point | undefined): Configuration {
    const grid = gridPoint(this.space, number % this.space.gridSize);
    const start = enqueuedPoints(this.spec)[number];
    const given = start ?? leader;
    const fixed = grid.map((each, index) => (Number.isNaN(each) && given ? given[index]! : each));
    const { allows } = getConstraints(this.spec);
    const most = this.spec.search.constraints?.length ? constrainedAttempts : attempts;
    const running = this.learns ? [...this.running.values()] : [];
    let refusal: unknown = nothingAllowed(number, start !== undefined);
    for (let attempt = 0; attempt < most; attempt += 1) {
      // A batch's structure may be infeasible: it is dropped after half of the attempts.
      const held = start || attempt < most / 2 ? fixed : grid;
      const numbers = randomNumbers(this.spec.search.seed, number, attempt);
      const point = this.suggester.suggest({ number, attempt, fixed: held, running, numbers, allows });
      if (!allows(point)) continue;
      const drawn = drawAt(this.space, (dimension) => point[dimension]!);
      try {
        return { number, parameters: drawn.parameters, spec: validate(trialSpec, drawn.tree) };
      } catch (error) {
        refusal = error;
        // Only a value from an unbounded distribution can be valid in another draw.
        if (!(error instanceof ValidationError) || !this.areNormal(error)) throw error;
      }
    }
    throw refusal;
  }

  /** Whether every invalid value was drawn from a normal distribution. */
  private areNormal({ errors }: ValidationError): boolean {
    const normal = this.space.dimensions.flatMap(({ path, distribution }) => ('normal' in distribution ? [path] : []));
    return errors.every(({ path }) => normal.includes(path));
  }
}

const nothingAllowed = (number: number, isStart: boolean): ValidationError =>
  new ValidationError([
    isStart
      ? { path: `search.enqueue[${number}]`, message: 'does not satisfy the constraints' }
      : {
          path: 'search.constraints',
          message: `too few configurations satisfy them: none found in ${constrainedAttempts} draws`,
        },
  ]);
