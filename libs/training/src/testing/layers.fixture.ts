import type { Precision } from '@unroll/contracts';
import { openEngine } from '../backends/open-engine';
import type { Cell } from '../nn/cells/cell';
import { cells } from '../nn/cells/cells';
import { recurrentLayer } from '../nn/recurrent';
import { tf, type Tensor } from '../tensor/tfjs';
import { wave } from './webgpu.fixture';

/** A layer of a cell over a sequence. */
export interface Layer {
  cell: string;
  hidden: number;
  lanes: number;
  steps: number;
  batch: number;
  reverse: boolean;
  masked: boolean;
  probed?: boolean;
  /** Whether a part of the state is dropped. */
  dropped?: boolean;
}

/** Numbers for a matrix that is not close to one of low rank, as `wave` is: rows of its products vary. */
const scattered = (shape: number[], size: number): Tensor =>
  tf.tensor(
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, index) => size * Math.sin(0.37 * index * index)),
    shape,
  );

/** Heads of cells that have some. */
const heads = 2;
const widthOfState = ({ stateWidths, stateBlocks = 1 }: Cell, hidden: number, state: number): number =>
  stateWidths?.(hidden, heads)[state] ?? stateBlocks * hidden;

/** Which steps count, and the factors of a part of the state. */
function masksOf({ hidden, lanes, steps, batch, masked, dropped }: Layer): { valid?: Tensor; kept?: Tensor } {
  const isValid = (index: number): boolean =>
    Math.floor(index / batch) % steps < 1 + (((index % batch) + Math.floor(index / (steps * batch))) % steps);
  const valid = Uint8Array.from({ length: lanes * steps * batch }, (_, index) => Number(isValid(index)));
  const kept = Float32Array.from({ length: lanes * batch * hidden }, (_, index) => ((index * 7) % 5 < 2 ? 0 : 1.5));
  return {
    ...(masked ? { valid: tf.tensor(valid, [lanes, steps, batch], 'bool') } : {}),
    ...(dropped ? { kept: tf.tensor(kept, [lanes, batch, hidden]) } : {}),
  };
}

/** What a layer reads and is differentiated by. */
function inputsOf(cell: Cell, { hidden, lanes, steps, batch, probed }: Layer): Tensor[] {
  const wide = cell.gates * hidden;
  return [
    wave([lanes, steps, batch, wide], 0.3),
    ...(cell.recurrence === 'kernel' ? [scattered([lanes, hidden, wide], 0.3)] : []),
    ...Array.from({ length: cell.states }, (_, index) =>
      wave([lanes, batch, widthOfState(cell, hidden, index)], index),
    ),
    ...(cell.separateRecurrentBias ? [wave([lanes, 1, wide], 0.2)] : []),
    ...(cell.own ?? []).map(({ blocks, columns, rows }, index) =>
      rows
        ? wave([lanes, Math.max(1, blocks * hidden), rows(heads)], 0.4 + index, 0.2)
        : wave([lanes, columns ? columns * hidden : 1, blocks * hidden], 0.4 + index, 0.8),
    ),
    ...(probed ? [tf.zeros([lanes, steps, batch, hidden])] : []),
  ];
}

/** The outputs, final states and all gradients of a layer on an engine, one list after the other. */
export async function layerOn(
  engine: 'webgpu' | 'wasm' | 'cpu',
  layer: Layer,
  precision: Precision = 'float32',
): Promise<Float32Array[]> {
  (await openEngine(engine)).usePrecision?.(precision);
  const cell = cells.get(layer.cell)!;
  const results = tf.tidy(() => {
    const masks = masksOf(layer);
    const inputs = inputsOf(cell, layer);
    const run = (given: readonly Tensor[]): Tensor[] => {
      const rest = [...given];
      const take = (isThere: boolean): Tensor | undefined => (isThere ? rest.shift() : undefined);
      const projected = rest.shift()!;
      const kernel = take(cell.recurrence === 'kernel');
      const states = rest.splice(0, cell.states);
      const bias = take(cell.separateRecurrentBias === true);
      const own = Object.fromEntries((cell.own ?? []).map(({ name }) => [name, rest.shift()!]));
      const result = recurrentLayer(
        cell,
        {
          projected,
          kernel,
          states,
          bias,
          valid: undefined,
          kept: undefined,
          ...masks,
          own,
          probe: take(layer.probed === true),
        },
        { reverse: layer.reverse, training: true },
      );
      return [result.outputs, ...result.states];
    };
    const gradients = tf.grads((...given: Tensor[]) =>
      tf.addN(run(given).map((each, index) => tf.sum(tf.mul(each, wave(each.shape, index))))),
    )(inputs);
    return [...run(inputs), ...gradients];
  });
  return Promise.all(
    results.map(async (each) => {
      const values = (await each.data()) as Float32Array;
      each.dispose();
      return values.slice();
    }),
  );
}
