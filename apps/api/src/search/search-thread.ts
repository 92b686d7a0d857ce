import { builtIns } from '@unroll/datasets';
import { computeImportance, type FinishedOutcome } from '@unroll/search';
import type { SweepSpec } from '@unroll/contracts';
import { lookAt, readForTrials } from './data-looks';
import { OpenSearches } from './open-searches';
import { checkedSweep, countUsable, firstConfigurations, extendedSize, leftAfter, placed } from './plan';
import { replayDraws, replayLearning, replayResumed, replayTurns, replayVerdicts } from './replay';
import { makeSchemas } from '../http/schemas';
import { serve } from '../threads/serve';

const searches = new OpenSearches();

/** What a thread computes: all of the API's long computations with libs/search and libs/datasets. */
const methods = {
  awaited: searches.awaited.bind(searches),
  open: searches.open.bind(searches),
  propose: searches.propose.bind(searches),
  draw: searches.draw.bind(searches),
  forget: searches.forget.bind(searches),
  lookAt,
  readForTrials,
  checkedSweep,
  countUsable,
  firstConfigurations,
  extendedSize,
  placed,
  leftAfter,
  replayLearning,
  replayDraws,
  replayVerdicts,
  replayTurns,
  replayResumed,
  importance: ({ spec, outcomes }: { spec: SweepSpec; outcomes: FinishedOutcome[] }) =>
    computeImportance(spec, outcomes),
  makeSchemas,
  readBuiltIn: ({ name }: { name: string }) => builtIns.find((each) => each.name === name)!.read(),
};
export type SearchMethods = typeof methods;

serve(methods);
