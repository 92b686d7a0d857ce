import type { Snapshots } from '@unroll/contracts';
import { tf, type Tensor } from '../tensor/tfjs';
import type { Inspection } from '../tasks/task';
import type { Named } from '../nn/parameter';

/** The most that is kept of a trial's snapshots. */
const mostSequences = 4;
const mostSteps = 64;
const mostUnits = 32;
/** Bytes of JSON. */
export const mostBytes = 64 * 1024;

/** To 3 decimals, null where it is not finite. */
const rounded = (value: number): number | null => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null);

/**
 * The states of the top layer and the head's attention over steps, for a few sequences of each lane, all lanes in one pass:
 * of each sequence its last steps and the first of the `units` of the lane's top layer (without padding), and as many sequences as fit into
 * 64 KB. Undefined for a network without observable states.
 */
export async function takeSnapshots(
  inspection: Inspection,
  parameters: Named,
  units: readonly number[],
): Promise<Snapshots[] | undefined> {
  const { widths, lengths, steps } = inspection;
  const [layers, width] = [widths.length, widths.at(-1)!];
  const batch = lengths.length;
  const lanes = units.length;
  const seen: { states?: Tensor; attention?: Tensor } = {};
  tf.tidy(() => {
    inspection.loss(parameters, lanes, {
      probe: (layer) => (layer === layers - 1 ? tf.zeros([lanes, steps, batch, width]) : undefined),
      see: (_, { outputs }) => (seen.states = tf.keep(tf.clone(outputs))), // [lane, step, batch, width]
      attend: (weights) => (seen.attention = tf.keep(tf.clone(weights))), // [lane, step, batch]
    });
  });
  const { states, attention } = seen;
  if (!states) {
    // A head may attend to the steps of layers without states.
    attention?.dispose();
    return undefined;
  }
  const [h, weights] = [await states.data(), await attention?.data()];
  tf.dispose([states, ...(attention ? [attention] : [])]);
  return units.map((own, lane) => {
    const shown = Math.min(own, mostUnits);
    const at = (step: number, row: number): number => (lane * steps + step) * batch + row;
    const sequences = Array.from({ length: Math.min(batch, mostSequences) }, (_, row) => {
      const times = Array.from({ length: lengths[row]! }, (_step, step) => step).slice(-mostSteps);
      const symbols = inspection.symbols?.(row).slice(-mostSteps);
      return {
        from: times[0]!,
        states: times.map((step) =>
          Array.from({ length: shown }, (_unit, unit) => rounded(h[at(step, row) * width + unit]!)),
        ),
        ...(symbols ? { symbols } : {}),
        ...(weights ? { attention: times.map((step) => rounded(weights[at(step, row)]!)) } : {}),
      };
    });
    while (Buffer.byteLength(JSON.stringify(sequences)) > mostBytes) sequences.pop();
    return { units: own, sequences };
  });
}
