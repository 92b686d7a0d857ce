// Resumes trainings from their checkpoints in a process of its own, as a restarted worker does.
import type { EngineName } from '@unroll/contracts';
import { openEngine, trainCombination, type Combination, type Training } from '@unroll/training';

export interface ToResume {
  engine: EngineName;
  combination: Combination;
  checkpoint: Uint8Array;
}

export type Resumed = { training: Training } | { message: string };

async function resume({ engine, combination, checkpoint }: ToResume): Promise<Resumed> {
  try {
    return { training: await trainCombination(combination, await openEngine(engine), checkpoint) };
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (request: ToResume) => void resume(request).then((resumed) => process.send!(resumed)));
process.on('disconnect', () => process.exit(0));
