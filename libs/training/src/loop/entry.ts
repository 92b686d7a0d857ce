import { layerUnits, type TrialSpec } from '@unroll/contracts';
import type { PreparedData } from '@unroll/datasets';
import type { Engine } from '../backends/engine/engine';
import { adaptationFactor } from '../losses/adaptation';
import { packedLines, type WriteLine } from '../inference/packed-lines';
import type { OpenTask } from '../tasks/task';
import { openTask } from '../tasks/tasks';
import { FirstValues, partsOf } from './beginnings';
import { plainLane, type Lane } from './lane';
import { LaneGroup } from './lane-group';
import { lanesPerPass } from './lane-memory';
import type { LaneRequest } from './lane-request';
import { restoreLanes } from './loop-state';

/** Of all runs of this process. */
const firstValues = new FirstValues();

/** How trials enter a run: the task over the data that they share. */
export class Entry {
  readonly opened: OpenTask<unknown>;
  private readonly writeLine: WriteLine | undefined;
  private readonly lanesPerPass: number;
  private readonly parts: ReturnType<typeof partsOf>;

  /** `scaled`: whether losses are scaled. Throws Error for data that the task cannot use. */
  constructor(
    spec: TrialSpec,
    data: PreparedData,
    engine: Pick<Engine, 'codePath' | 'synchronous'>,
    private readonly scaled = false,
  ) {
    this.opened = openTask(spec, data);
    this.parts = partsOf(spec, data);
    this.writeLine = packedLines(spec, data);
    // Where batches are padded, lanes are padded alike only if they are computed together.
    this.lanesPerPass = this.opened.evenBatches ? lanesPerPass(spec, data, engine) : Infinity;
  }

  /** Trials as lanes, at their start or where their checkpoints left them. @throws CheckpointUnreadable */
  enter(requests: readonly LaneRequest[]): LaneGroup {
    const group = new LaneGroup(
      requests.map((request) => this.lane(request)),
      this.opened,
      (lane, parameter) => lane.initFrom?.[parameter.name]?.values ?? firstValues.of(parameter, lane.seed),
      { scaled: this.scaled, lanesPerPass: this.lanesPerPass, writeLine: this.writeLine },
    );
    try {
      restoreLanes(
        group,
        requests.map(({ checkpoint }) => checkpoint),
      );
    } catch (error) {
      group.dispose();
      throw error;
    }
    return group;
  }

  /** A trial as a lane at its start. */
  private lane({ spec, initFrom }: LaneRequest): Lane {
    const { model, training } = spec;
    const { learned, frozen } = this.parts(spec);
    return {
      ...plainLane,
      ...training,
      dropout: model.dropout,
      recurrentDropout: model.recurrentDropout,
      weightDrop: model.weightDrop,
      parameters: learned,
      frozen,
      initFrom,
      units: layerUnits(model).map(({ size }) => size),
      adaptation: adaptationFactor(spec),
      updates: 0,
      totalUpdates: training.epochs === undefined ? training.updates! : training.epochs * this.opened.updatesPerEpoch,
    };
  }
}
