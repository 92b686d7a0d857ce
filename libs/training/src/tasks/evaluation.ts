import { heldPart, type Part } from '../batches/lane-position';
import type { Tally } from '../metrics/tally';
import type { Named, States } from '../nn/parameter';
import type { Tensor } from '../tensor/tfjs';
import type { Evaluation } from './task';

/** Batches to measure with: every example once, the same for every lane. */
export interface BatchReader<Batch> {
  count: number;
  batch(index: number, lanes: number): Batch;
}

/** What `measure` gives for a batch. */
export interface Measured<Kept> {
  /** To be read back, [lane, n]. */
  values: Tensor;
  /** What the tallies need to know of the batch; its tensors are disposed by then. */
  kept: Kept;
  /** The states of the next batch; undefined where it starts from zeros. */
  states?: States | undefined;
}

/** How a task is measured on held-out data. */
export interface Measurement<Held, Batch, Kept> {
  data: { validation: Held; test?: Held | undefined };
  batches(held: Held): BatchReader<Batch>;
  measure(parameters: Named, batch: Batch, about: { held: Held; part: Part; states: States }): Measured<Kept>;
  /** How the outputs of several networks are measured, of one lane; undefined where their mean is no answer. */
  combined?: {
    outputs(parameters: Named, batch: Batch): Tensor;
    measure(mean: Tensor, batch: Batch, held: Held): Measured<Kept>;
  };
  /** A tally for each lane. */
  tallies(lanes: number, about: { held: Held; part: Part }): Tally<Kept>[];
  /** The states before the first batch; undefined where none are carried. */
  zeroStates?(lanes: number, held: Held): States;
}

/** The `evaluation` of a task. */
export const evaluation =
  <Held, Batch, Kept>(measurement: Measurement<Held, Batch, Kept>) =>
  (part: Part, lanes: number): Evaluation => {
    const held = heldPart(measurement.data, part);
    const reader = measurement.batches(held);
    const tallies = measurement.tallies(lanes, { held, part });
    const known: Kept[] = [];
    const { combined } = measurement;
    return {
      batches: reader.count,
      zeroStates: () => measurement.zeroStates?.(lanes, held) ?? [],
      measure(parameters, index, before) {
        const batch = reader.batch(index, lanes);
        const { values, kept, states = [] } = measurement.measure(parameters, batch, { held, part, states: before });
        known[index] = kept;
        return { values, states };
      },
      add(values, index) {
        const width = values.length / lanes;
        tallies.forEach((tally, lane) => tally.add(values.subarray(lane * width, (lane + 1) * width), known[index]!));
      },
      metrics: (lane) => tallies[lane]!.metrics(),
      combined: combined && {
        outputs: (parameters, index) => combined.outputs(parameters, reader.batch(index, 1)),
        measure(mean, index) {
          const { values, kept } = combined.measure(mean, reader.batch(index, 1), held);
          known[index] = kept;
          return values;
        },
      },
    };
  };
