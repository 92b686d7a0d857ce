import type { Precision, TrialSpec } from '@unroll/contracts';
import { cpus } from 'node:os';
import type { Engine } from '../backends/engine/engine';

/** The engine, or this processor, lacks the precision of a trial: no other trainer on this machine has it. */
export class PrecisionUnavailable extends Error {}

type Able = Pick<Engine, 'name' | 'codePath' | 'precisions' | 'usePrecision'> & Partial<Pick<Engine, 'device'>>;

const onlyFloat32: readonly Precision[] = ['float32'];

/** Where there is a precision that not every engine has. */
const homes = {
  float32: 'any engine',
  bfloat16: "the engine native on a processor with AVX512_BF16 or ARM's BF16",
  float16: 'the engine webgpu on a GPU with shader-f16',
} as const satisfies Record<Precision, string>;

/** The precision in which a trial trains on an engine. @throws PrecisionUnavailable where the engine lacks it */
export function choosePrecision({ name, device, codePath, precisions }: Able, { training }: TrialSpec): Precision {
  const able = precisions?.() ?? onlyFloat32;
  const wanted = training.precision;
  if (wanted === 'auto') return able[0]!;
  if (able.includes(wanted)) return wanted;
  const processor = `processor ${cpus()[0]?.model.trim() || 'of an unknown kind'}, ${codePath}`;
  throw new PrecisionUnavailable(
    `training.precision: the engine ${name} has no ${wanted} on this machine (${name === 'webgpu' ? device : processor}): ` +
      `use ${able.join(', ')} or auto, or ${homes[wanted]}`,
  );
}

/**
 * Has all matrix products computed in the precision of a trial while `work` runs. Two such works must not run at the same time, as no two
 * trainings of an engine do.
 * @throws PrecisionUnavailable where the engine lacks it
 */
export async function inPrecision<Result>(
  engine: Able,
  spec: TrialSpec,
  work: (precision: Precision) => Promise<Result>,
): Promise<Result> {
  const precision = choosePrecision(engine, spec);
  engine.usePrecision?.(precision);
  try {
    return await work(precision);
  } finally {
    engine.usePrecision?.('float32');
  }
}
