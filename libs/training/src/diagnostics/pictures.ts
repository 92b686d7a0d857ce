import type { Pictures } from '@unroll/contracts';
import { tf, type Tensor } from '../engines/tfjs';
import type { Inspection, Named } from '../tasks/task';
import { stored } from './report';

/** What is kept of a trial's pictures at most. */
const mostSequences = 4;
const mostSteps = 64;
const mostUnits = 32;
/** Bytes of JSON. */
export const mostBytes = 64 * 1024;

const rounded = (value: number): number | null => stored(Math.round(value * 1000) / 1000);

/**
 * The states of the top layer and how the head weighed the steps, of a few sequences and of one lane: of each its last steps and
 * its first units of `units`, as many sequences as fit into 64 KB. Undefined for a network without states or weights to see.
 */
export async function picturesOf(
  inspection: Inspection,
  parameters: Named,
  units: number,
): Promise<Pictures | undefined> {
  const { layers, width, lengths, steps } = inspection;
  const batch = lengths.length;
  const seen: { states?: Tensor; attention?: Tensor } = {};
  tf.tidy(() => {
    inspection.loss(parameters, 1, {
      probe: (layer) => (layer === layers - 1 ? tf.zeros([1, steps, batch, width]) : undefined),
      see: (_, { outputs }) => (seen.states = tf.keep(tf.clone(outputs))),
      attend: (weights) => (seen.attention = tf.keep(tf.clone(weights))),
    });
  });
  const { states, attention } = seen;
  if (!states) return undefined;
  const [h, weights] = [await states.data(), await attention?.data()];
  tf.dispose([states, ...(attention ? [attention] : [])]);
  const shown = Math.min(units, mostUnits);
  const sequences = Array.from({ length: Math.min(batch, mostSequences) }, (_, row) => {
    const times = Array.from({ length: lengths[row]! }, (_step, step) => step).slice(-mostSteps);
    const symbols = inspection.symbols?.(row).slice(-mostSteps);
    return {
      from: times[0]!,
      states: times.map((step) =>
        Array.from({ length: shown }, (_unit, unit) => rounded(h[(step * batch + row) * width + unit]!)),
      ),
      ...(symbols ? { symbols } : {}),
      ...(weights ? { attention: times.map((step) => rounded(weights[step * batch + row]!)) } : {}),
    };
  });
  while (Buffer.byteLength(JSON.stringify(sequences)) > mostBytes) sequences.pop();
  return { units, sequences };
}
