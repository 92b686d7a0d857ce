import type { Snapshots } from '@unroll/contracts';
import { tf } from '../tensor/tfjs';
import type { Inspection } from '../tasks/task';
import type { Named } from '../nn/parameter';
import type { Seen } from './inspect';

/** The most that is kept of a trial's snapshots. */
const mostSequences = 4;
const mostSteps = 64;
const mostUnits = 32;
/** Bytes of JSON. */
export const mostBytes = 64 * 1024;
/** Of those, the most that a number and the comma after it take, a character, and the keys of a sequence. */
const [bytesOfNumber, bytesOfCharacter, bytesOfKeys] = [26, 6, 100];

/** To 3 decimals, null where it is not finite. */
const rounded = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null);

/**
 * The states of the top layer and the head's attention over steps, for a few sequences of each lane, all lanes in one pass:
 * of each sequence its last steps and the first of the `units` of the lane's top layer (without padding), and as many sequences as fit into
 * 64 KB. Undefined for a network without observable states. `known`: what an inspection of the same weights saw, which is disposed.
 */
export async function takeSnapshots(
  inspection: Inspection,
  parameters: Named | undefined,
  units: readonly number[],
  known?: Seen,
): Promise<Snapshots[] | undefined> {
  const { widths, lengths, steps } = inspection;
  const width = widths.at(-1)!;
  const batch = lengths.length;
  const { states, attention } = known ?? see(inspection, parameters!, units.length);
  if (!states) {
    // A head may attend to the steps of layers without states.
    attention?.dispose();
    return undefined;
  }
  const [h, weights] = [await states.data(), await attention?.data()];
  tf.dispose([states, ...(attention ? [attention] : [])]);
  const symbols =
    inspection.symbols &&
    Array.from({ length: Math.min(batch, mostSequences) }, (_, row) => inspection.symbols!(row).slice(-mostSteps));
  return units.map((own, lane) => {
    const shown = Math.min(own, mostUnits);
    const at = (step: number, row: number): number => (lane * steps + step) * batch + row;
    const sequences = Array.from({ length: Math.min(batch, mostSequences) }, (_, row) => {
      const times = Array.from({ length: lengths[row]! }, (_step, step) => step).slice(-mostSteps);
      return {
        from: times[0]!,
        states: times.map((step) => roundedRow(h, at(step, row) * width, shown)),
        ...(symbols ? { symbols: symbols[row]! } : {}),
        ...(weights ? { attention: times.map((step) => rounded(weights[at(step, row)]!)) } : {}),
      };
    });
    while (mayExceed(sequences) && Buffer.byteLength(JSON.stringify(sequences)) > mostBytes) sequences.pop();
    return { units: own, sequences };
  });
}

/** One pass, kept beyond it. */
function see(inspection: Inspection, parameters: Named, lanes: number): Seen {
  const { widths, lengths, steps } = inspection;
  const seen: Seen = {};
  tf.tidy(() => {
    inspection.loss(parameters, lanes, {
      probe: (layer) =>
        layer === widths.length - 1 ? tf.zeros([lanes, steps, lengths.length, widths[layer]!]) : undefined,
      see: (_, { outputs }) => (seen.states = tf.keep(tf.clone(outputs))),
      attend: (weights) => (seen.attention = tf.keep(tf.clone(weights))),
    });
  });
  return seen;
}

/** Numbers of a row that begins at `from`. */
function roundedRow(values: ArrayLike<number>, from: number, count: number): (number | null)[] {
  const row: (number | null)[] = [];
  for (let at = from; at < from + count; at++) row.push(rounded(values[at]!));
  return row;
}

/** Whether sequences may take more than `mostBytes`; most take a small part of it. */
function mayExceed(sequences: Snapshots['sequences']): boolean {
  let most = 0;
  for (const { states, symbols = [], attention = [] } of sequences) {
    most +=
      bytesOfKeys + states.length * (2 + bytesOfNumber * (states[0]?.length ?? 0)) + bytesOfNumber * attention.length;
    for (const symbol of symbols) most += bytesOfNumber + bytesOfCharacter * symbol.length;
  }
  return most > mostBytes;
}
