import type { OptimizerSpec, ScheduleSpec, TeacherForcingSpec } from '@unroll/contracts';
import { plainPosition, type LanePosition } from '../batches/lane-position';
import type { Parameter, Weights } from '../nn/parameter';
import type { Regularisation } from '../optim/regularisation';
import { freshPlateau, type Plateau } from '../optim/schedule';
import { forcingRatio } from './teacher-forcing';

/** One trial as a lane: everything that may differ between lanes. The rest belongs to the task. */
export interface Lane extends Omit<LanePosition, 'update' | 'forcing'>, Regularisation {
  /** Trained parameters, and buffers. */
  parameters: readonly Parameter[];
  /** Parameters that keep their first values: no update, no decay, no part in a norm. The same for all lanes of a group. */
  frozen: readonly Parameter[];
  optimizer: OptimizerSpec;
  learningRate: number;
  schedule: ScheduleSpec;
  teacherForcing: TeacherForcingSpec;
  plateau: Plateau;
  /** Null for no clipping. */
  clipNorm: number | null;
  /** Units of each layer, without padding. */
  units: readonly number[];
  /** Updates done. Every position in data, schedules and random streams follows from it. */
  updates: number;
  /** The last update. */
  totalUpdates: number;
  /** The first weights; undefined for random ones. */
  initFrom?: Weights | undefined;
}

/** The defaults of a lane. */
export const plainLane = {
  ...plainPosition,
  ...{ l1: 0, l2: 0, gradientNoise: 0, clipValue: null, clipNorm: null },
  frozen: [],
  schedule: { kind: 'constant', warmUp: 0 },
  teacherForcing: 1,
  plateau: freshPlateau(),
  ...{ updates: 0, totalUpdates: Infinity, units: [] },
} as const;

/** A lane at an update, counted from 1. */
export const positionAt = (lane: Lane, update: number): Lane & LanePosition => ({
  ...lane,
  update,
  forcing: forcingRatio(lane.teacherForcing, update, lane.totalUpdates),
});
