import type { EngineName, Precision } from '@unroll/contracts';
import type { Engine } from '../../backends/engine/engine';
import { openEngine } from '../../backends/open-engine';
import type { Model } from '../../models/model-file';
import type { Combination } from './combinations';
import { choosePrecision, PrecisionUnavailable } from '../../loop/precision';
import {
  bfloat16Tolerance,
  differences,
  float16Tolerance,
  float32Tolerance,
  resumedDifferences,
  unsound,
  type Tolerance,
} from './compare';
import { answersOf, exportFault, modelOf, trainCombination, trainMoved, type Training } from './run';

/** The engine that all others are held against. */
export const referenceEngine = 'cpu' satisfies EngineName;

/** How a training went on one engine. */
export interface TaskVerification {
  name: string;
  engine: EngineName;
  /** What is wrong, one line each; none where all is right. */
  problems: string[];
}

/** Trains on from a checkpoint. */
export type Resume = (engine: EngineName, combination: Combination, checkpoint: Uint8Array) => Promise<Training>;

export interface TaskVerificationOptions {
  /** The engines to verify; each has to be available. */
  engines: readonly EngineName[];
  /** Resumes a run; by default in this process. */
  resume?: Resume;
  onCase?: (verification: TaskVerification) => void;
}

/** What a combination gave on the reference engine. */
interface Reference {
  training: Training;
  model: Model;
  answers: unknown;
}

const resumeHere: Resume = async (engine, combination, checkpoint) =>
  trainCombination(combination, await openEngine(engine), checkpoint);

/**
 * Trains each combination on each engine: three updates, validation, a sample, a checkpoint and the run resumed from it, then answers or a
 * text of the finished model, and its ONNX graph. Losses, samples and answers are those of the reference engine, within
 * `float32Tolerance`; a resumed run is the uninterrupted one bit for bit; no tensor is left. Of a combination in bfloat16 or float16 the
 * reference is in float32, and an engine that lacks it has to refuse it.
 */
export async function verifyTasks(
  combinations: readonly Combination[],
  { engines, resume = resumeHere, onCase }: TaskVerificationOptions,
): Promise<TaskVerification[]> {
  const verifications: TaskVerification[] = [];
  for (const combination of combinations) {
    let reference: Reference | undefined;
    for (const name of inOrder(engines)) {
      const verified = await verifyOne(combination, await openEngine(name), resume, reference);
      if (name === referenceEngine) reference = verified.reference;
      if (!engines.includes(name)) continue;
      const verification = { name: combination.name, engine: name, problems: verified.problems };
      verifications.push(verification);
      onCase?.(verification);
    }
  }
  return verifications;
}

/** The reference comes first, whether or not it is verified. */
const inOrder = (engines: readonly EngineName[]): EngineName[] => [
  referenceEngine,
  ...engines.filter((each) => each !== referenceEngine),
];

const inFloat32 = ({ spec, ...others }: Combination): Combination => ({
  ...others,
  spec: { ...spec, training: { ...spec.training, precision: 'float32' } },
});

/** What is wrong where an engine does not refuse a combination whose precision it lacks. */
async function acceptance(combination: Combination, engine: Engine): Promise<string[]> {
  try {
    await trainCombination(combination, engine);
    return ['it trains in a precision that it lacks'];
  } catch (error) {
    return error instanceof PrecisionUnavailable ? [] : [String(error)];
  }
}

/** The precision in which an engine trains a combination; undefined where it lacks it. */
function precisionOn(engine: Engine, { spec }: Combination): Precision | undefined {
  try {
    return choosePrecision(engine, spec);
  } catch {
    return undefined;
  }
}

const tolerances: Record<Precision, Tolerance> = {
  float32: float32Tolerance,
  bfloat16: bfloat16Tolerance,
  float16: float16Tolerance,
};

/** Whether a loss scale that was too large at first skipped updates: the reference makes them, and gives other numbers. */
const hasSkipped = ({ result: { message } }: Training): boolean => message?.includes('updates were skipped') === true;

/** What the reference engine gives from weights that differ by rounding. */
const movedOf = async (combination: Combination, precision: Precision): Promise<Training> =>
  trainMoved(inFloat32(combination), await openEngine(referenceEngine), precision);

async function verifyOne(
  given: Combination,
  engine: Engine,
  resume: Resume,
  reference: Reference | undefined,
): Promise<{ problems: string[]; reference?: Reference }> {
  const precision = precisionOn(engine, given);
  const refused = precision === undefined ? await acceptance(given, engine) : [];
  if (refused.length > 0 || (precision === undefined && reference)) return { problems: refused };
  const combination = precision === undefined ? inFloat32(given) : given;
  const before = engine.memory().tensors;
  try {
    const training = await trainCombination(combination, engine);
    const faults = unsound(training);
    if (faults.length > 0) return { problems: faults };
    // Answers of the same weights are the same on every engine.
    const model = reference?.model ?? modelOf(combination, training);
    const answers = await answersOf(combination, model);
    const fault = await exportFault(combination, model);
    const left = engine.memory().tensors - before;
    const own = { training, model, answers };
    const resumed = training.checkpoint && (await resume(engine.name, combination, training.checkpoint));
    const allowed = tolerances[precision ?? 'float32'];
    const different = reference && !hasSkipped(training) ? differences(own, reference, allowed) : [];
    return {
      problems: [
        ...(reference && different.length > 0
          ? differences(own, reference, allowed, await movedOf(combination, precision ?? 'float32'))
          : []),
        ...(resumed ? resumedDifferences(resumed, training) : ['it wrote no checkpoint']),
        ...(fault === undefined ? [] : [fault]),
        ...(left === 0 ? [] : [`${left} tensors are left`]),
      ],
      reference: own,
    };
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
}
