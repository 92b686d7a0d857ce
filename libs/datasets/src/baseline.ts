import type { Baseline } from '@unroll/contracts';
import type { ExampleData, Targets } from './prepared/data';

/** The baseline of a constant prediction: the most frequent class or tag, or the mean, of the training part. */
export function constantAnswer({ train: { targets }, validation, targetScaling }: ExampleData): Baseline {
  const held = validation.targets;
  if (targets.kind === 'numbers' && held.kind === 'numbers')
    return alwaysTheMean(targets.values, held.values, targetScaling?.scale[0] ?? 1);
  const counts = new Map<number, number>();
  for (const each of classesIn(targets)) counts.set(each, (counts.get(each) ?? 0) + 1);
  const [frequent] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]!;
  const classes = classesIn(held);
  const rights = classes.reduce((sum, each) => sum + Number(each === frequent), 0);
  // Its recall is 1 and that of all others 0; of two classes its precision is the share that it has.
  const kinds = new Set([...classes, frequent]).size;
  const occurring = new Set(classes).size;
  return {
    name: 'most frequent class',
    metrics: {
      'validation.accuracy': rights / classes.length,
      'validation.balancedAccuracy': Number(rights > 0) / occurring,
      'validation.f1': (2 * rights) / (rights + classes.length) / kinds,
    },
  };
}

function classesIn(targets: Targets): Int32Array {
  if (targets.kind === 'classes') return targets.classes;
  if (targets.kind === 'tokens') return Int32Array.from(targets.ids);
  throw new Error(`${targets.kind} are not classes`);
}

/** Errors in the unit of the data; `scale` is that unit per unit of the normalised values. */
function alwaysTheMean(learned: Float32Array, held: Float32Array, scale: number): Baseline {
  const mean = learned.reduce((sum, value) => sum + value, 0) / learned.length;
  const over = (each: (error: number) => number): number =>
    held.reduce((sum, value) => sum + each((value - mean) * scale), 0) / held.length;
  return {
    name: 'always the mean',
    metrics: { 'validation.mse': over((error) => error ** 2), 'validation.mae': over(Math.abs) },
  };
}
