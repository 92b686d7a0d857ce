import type { SweepSpec } from '@unroll/contracts';
import { computeImportance, type FinishedOutcome } from '@unroll/search';
import { parentPort, workerData } from 'node:worker_threads';

/** Computes the importances of one sweep, off the thread that serves requests. */
const { spec, outcomes } = workerData as { spec: SweepSpec; outcomes: FinishedOutcome[] };
parentPort!.postMessage(computeImportance(spec, outcomes));
