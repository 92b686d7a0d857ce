export { advisoryLocks, dataSourceOptions, migrate, schemaIsCurrent } from './data-source';
export { Attempt } from './entities/attempt';
export { BaselineRow } from './entities/baseline';
export { Dataset } from './entities/dataset';
export { DiagnosticsRow } from './entities/diagnostics-row';
export { IdempotencyKey } from './entities/idempotency-key';
export { MetricChunk } from './entities/metric-chunk';
export { SnapshotsRow } from './entities/snapshots-row';
export { ProposalRow } from './entities/proposal-row';
export { SampleRow } from './entities/sample-row';
export { SavedViewRow } from './entities/saved-view-row';
export { Sweep, type EarlierConfiguration } from './entities/sweep';
export { Trial } from './entities/trial';
export { VerdictRow } from './entities/verdict-row';
export { Worker } from './entities/worker';
export { newId } from './ids';
export {
  claimableWork,
  completeSweeps,
  failSweep,
  insertTrials,
  unproposedSweeps,
  type NewTrial,
  type UnproposedSweep,
} from './queries/advance-sweeps';
export { cancelSweep } from './queries/cancel-sweep';
export { extendSweep, lockSweep, pauseSweep, resumeSweep } from './queries/change-sweep';
export { type ClaimedTrial } from './queries/begin-attempts';
export type { Adopted } from './queries/begin-attempts';
export {
  changesAfter,
  changesBegin,
  forgetChanges,
  liveTrials,
  remembers,
  type ChangeNumber,
  type ChangeRow,
} from './queries/changes';
export { claimTrials, SchemaMoved, type Claim, type Claimant } from './queries/claim-trials';
export { commitWork, type AttemptWork, type BoardBaseline, type CurvePoints, type Judge } from './queries/commit-work';
export { earlierOutcomes, type EarlierOutcome } from './queries/earlier-outcomes';
export { endOverspentSweeps, failOverspentSweeps } from './queries/end-overspent-sweeps';
export { countFinished, finishedOutcomes } from './queries/finished-outcomes';
export { findId, UnknownId } from './queries/find-id';
export { giveUpAttempts, reapLostAttempts, type GivenUp } from './queries/give-up-attempts';
export {
  curvesOf,
  insertVerdict,
  judgedCurve,
  judgedTrials,
  lockRung,
  pruneTrials,
  verdictsAt,
  type JudgedTrial,
  type StoredVerdict,
} from './queries/judge-trials';
export { joinGroup } from './queries/join-group';
export { hasIndex, isMetric, mostLookedAt, type BoardFilter, type BoardPlace } from './queries/board-filter';
export { type RankedPosition, type Standing } from './queries/board-ranks';
export { boardSweeps, countedBoards, sweepBoards, type CountedBoard } from './queries/boards';
export {
  baselinesOf,
  countRows,
  rankedPage,
  sortedPage,
  type BaselineOnBoard,
  type BoardRequest,
  type BoardRow,
  type BoardSort,
  type Direction,
  type SortedPosition,
  type SortedRow,
} from './queries/leaderboard';
export { comparedSeeds, type ComparedSeeds } from './queries/compared-seeds';
export { bestTrials, sweepHistory, trialsById, type SweepTrial } from './queries/sweep-trials';
export { curveNames, wholeCurves, type WholeCurve } from './queries/whole-curves';
export { modelArtifact } from './queries/model-artifact';
export {
  changesOf,
  insertTurns,
  measuredAt,
  populationTrials,
  releaseAtRung,
  sweepTurns,
  turnsAt,
  type LoggedTurn,
  type ParameterChange,
  type PopulationTrial,
  type Released,
} from './queries/populations';
export { lockAttempts } from './queries/lock-attempts';
export { pastPaces, type PastPace } from './queries/past-paces';
export { renewLeases } from './queries/renew-leases';
export { namedCheckpoints } from './queries/named-checkpoints';
export { compromises, type Compromise } from './queries/compromises';
export { retryTrial } from './queries/retry-trial';
export { forgetWorker, liveWorkers, seeWorker, type LiveWorker } from './queries/see-worker';
export { bestTrial, countTrials } from './queries/sweep-progress';
export {
  finishedConfigurations,
  fleetLanes,
  loggedProposals,
  openConfigurations,
  proposedTrials,
  sweepVerdicts,
  type LoggedProposal,
} from './queries/search-log';
