import type { Precision, TrialSpec } from '@unroll/contracts';
import { cpus } from 'node:os';
import type { Engine } from '../backends/engine/engine';

/** The engine, or this processor, lacks the precision of a trial: no other trainer on this machine has it. */
export class PrecisionUnavailable extends Error {}

type Able = Pick<Engine, 'name' | 'codePath' | 'precisions' | 'usePrecision'>;

const onlyFloat32: readonly Precision[] = ['float32'];

/** The precision in which a trial trains on an engine. @throws PrecisionUnavailable where the engine lacks it */
export function choosePrecision({ name, codePath, precisions }: Able, { training }: TrialSpec): Precision {
  const able = precisions?.() ?? onlyFloat32;
  // A trial that was stored before there was a choice has no precision.
  const wanted = training.precision ?? 'float32';
  if (wanted === 'auto') return able[0]!;
  if (able.includes(wanted)) return wanted;
  const processor = cpus()[0]?.model.trim() || 'of an unknown kind';
  throw new PrecisionUnavailable(
    `training.precision: the engine ${name} has no ${wanted} on this machine (processor ${processor}, ${codePath}): ` +
      `use float32 or auto, or the engine native on a processor with AVX512_BF16 or ARM's BF16`,
  );
}

/**
 * Has all matrix products computed in the precision of a trial while `work` runs. Two such works must not run at the same time, as no two
 * trainings of an engine do.
 * @throws PrecisionUnavailable where the engine lacks it
 */
export async function inPrecision<Result>(engine: Able, spec: TrialSpec, work: () => Promise<Result>): Promise<Result> {
  const precision = choosePrecision(engine, spec);
  engine.usePrecision?.(precision);
  try {
    return await work();
  } finally {
    engine.usePrecision?.('float32');
  }
}
