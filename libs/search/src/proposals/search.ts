import { trialSpec, validate, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { chooseSampler } from '../choose';
import { constraintsOf } from '../constraints';
import { numbersOf } from '../space/numbers';
import type { Observation } from '../objectives/observation';
import {
  axesOf,
  drawAt,
  exists,
  gridPoint,
  noteOf,
  pointOf,
  spaceOf,
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
  /** With a seed that each of its trials replaces. */
  spec: TrialSpec;
}

/** What became of a configuration, as it is logged. `value`: less is better; null where it has none. */
export interface Outcome {
  number: number;
  value: number | null;
  /** Part of its training that it had: 1 where nothing ended it early. */
  share: number;
  /** Of several objectives what it reached in the others; less is better. */
  others?: readonly (number | null)[] | undefined;
}

/** What a sweep searches over: the axes of its trials' parameters. */
export const parameterAxes = (spec: SweepSpec): Axis[] => axesOf(spaceOf(searched(spec)));

/** A whole trial as parameters: every leaf by its path. */
export const parametersOf = (spec: TrialSpec): Parameters => noteOf('', spec);

/** Draws that a configuration may need until one is allowed. */
const attempts = 100;
const constrainedAttempts = 2000;

/**
 * The search of one sweep: what was proposed, what came of it, what to try next. A pure function of its spec and of what it was told, in
 * that order: `recall`, `learn` and `propose` called again in the same order give the same proposals. It remembers, so that a proposal costs
 * the same after 100,000 trials as after 1,000.
 */
export class SweepSearch {
  private readonly space: Space;
  private readonly suggester: Suggester;
  private readonly learns: boolean;
  /** Configurations in flight, by number. */
  private readonly running = new Map<number, Point>();
  private readonly learned = new Set<number>();

  constructor(private readonly spec: SweepSpec) {
    this.space = spaceOf(searched(spec));
    const { sampler } = chooseSampler(spec);
    this.learns = sampler.learns;
    this.suggester = sampler.open(this.space, spec.search.seed);
  }

  /** Learns what earlier sweeps found (a warm start), before anything else. Returns how many of them lie in this space. */
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

  /** The point of a configuration that gives every dimension; undefined where it lies outside. */
  private wholePoint(parameters: Parameters): Point | undefined {
    const { point } = pointOf(this.space, parameters);
    const { dimensions } = this.space;
    const isWhole = dimensions.every((each, index) => !Number.isNaN(point[index]!) || !exists(point, each, dimensions));
    return isWhole ? point : undefined;
  }

  /** Notes a configuration that was proposed before and has no outcome yet. */
  recall({ number, parameters }: Pick<Configuration, 'number' | 'parameters'>): void {
    if (!this.learned.has(number)) this.running.set(number, pointOf(this.space, parameters).point);
  }

  /** Takes in an outcome; one of a configuration that it does not know, or a second one, changes nothing. */
  learn({ number, value, share, others = [] }: Outcome): void {
    const point = this.running.get(number);
    if (!point) return;
    this.running.delete(number);
    this.learned.add(number);
    const observation: Observation = { number, point, values: [value, ...others].map((each) => each ?? NaN), share };
    this.suggester.learn(observation);
  }

  /**
   * The configurations `first` to `first + count − 1`. With `lanes`, that many in turn (of one point of the grids) are equal in all that trials must
   * have in common to train as lanes of one array. @throws ValidationError where what is drawn is not a valid trial
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
      else if (lanes > 1) leaders.set(grid, { point: this.structureOf(this.running.get(number)!), led: 1 });
      return configuration;
    });
  }

  /** Of a point what a trial's signature depends on. */
  private structureOf(point: Point): Point {
    const structural = structuralDimensions(this.spec);
    return point.map((each, index) => (structural.has(index) ? each : NaN));
  }

  private configuration(number: number, leader: Point | undefined): Configuration {
    const grid = gridPoint(this.space, number % this.space.gridSize);
    const start = enqueuedPoints(this.spec)[number];
    const given = start ?? leader;
    const fixed = grid.map((each, index) => (Number.isNaN(each) && given ? given[index]! : each));
    const { allows } = constraintsOf(this.spec);
    const most = this.spec.search.constraints?.length ? constrainedAttempts : attempts;
    const running = this.learns ? [...this.running.values()] : [];
    let refusal: unknown = nothingAllowed(number, start !== undefined);
    for (let attempt = 0; attempt < most; attempt += 1) {
      // A batch's structure may leave no room: after half of the attempts it is let go.
      const held = start || attempt < most / 2 ? fixed : grid;
      const numbers = numbersOf(this.spec.search.seed, number, attempt);
      const point = this.suggester.suggest({ number, attempt, fixed: held, running, numbers, allows });
      if (!allows(point)) continue;
      const drawn = drawAt(this.space, (dimension) => point[dimension]!);
      try {
        return { number, parameters: drawn.parameters, spec: validate(trialSpec, drawn.tree) };
      } catch (error) {
        refusal = error;
        // Only a value that was drawn from an open range can come out better the next time.
        if (!(error instanceof ValidationError) || !this.areNormal(error)) throw error;
      }
    }
    throw refusal;
  }

  /** Whether all that is wrong was drawn from normal distributions. */
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
          message: `too few configurations satisfy them: ${constrainedAttempts} draws gave none`,
        },
  ]);
