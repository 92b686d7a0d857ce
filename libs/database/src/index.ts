export { BackupRefused, restoreDatabase, saveDatabase, type SavedDatabase } from './backup/backup';
export {
  advisoryLocks,
  dataSourceOptions,
  migrate,
  migrations,
  patientOptions,
  schemaIsCurrent,
  type Holding,
} from './data-source';
export { schemaVersion } from './schema-version';
export { liveSchema, schemaFingerprint } from './schema';
export { Attempt } from './entities/attempt';
export { AuditEntry } from './entities/audit-entry';
export { ApiKey } from './entities/api-key';
export { BaselineRow } from './entities/baseline';
export { Dataset } from './entities/dataset';
export { DiagnosticsRow } from './entities/diagnostics-row';
export { IdempotencyKey } from './entities/idempotency-key';
export { Member } from './entities/member';
export { MetricChunk } from './entities/metric-chunk';
export { SnapshotsRow } from './entities/snapshots-row';
export { ProposalRow } from './entities/proposal-row';
export { SampleRow } from './entities/sample-row';
export { SavedViewRow } from './entities/saved-view-row';
export { DiaryRow } from './entities/diary-row';
export { ReportRow } from './entities/report-row';
export { ReviewRow } from './entities/review-row';
export { Sweep, type EarlierConfiguration } from './entities/sweep';
export { type InheritedConfiguration } from './entities/sweep-edit';
export { Team } from './entities/team';
export { Trial } from './entities/trial';
export { ConfigurationDetailsRow } from './entities/configuration-details';
export { TrialDetailsRow } from './entities/trial-details';
export { VerdictRow } from './entities/verdict-row';
export { pin, pinnedOf, pinnedRow, unpin, type Pinned } from './leaderboard/pins';
export { ModelAliasRow, ModelVersionRow, RegisteredModelRow } from './entities/registered-model';
export { registeredVersions, type RegisteredVersion } from './registry/registered-models';
export { ReadingLink } from './entities/reading-link';
export type { Answer } from './trials/lost-attempts';
export { Webhook } from './entities/webhook';
export { Delivery } from './entities/delivery';
export {
  endAttempt,
  forgetDeliveries,
  takeDeliveries,
  tellBests,
  type Attempted,
  type DueDelivery,
} from './webhooks/deliveries';
export { Worker, type WorkerReport } from './entities/worker';
export { Share } from './entities/share';
export { foldUsage } from './shares/fold-usage';
export {
  changeShare,
  otherShares,
  passedStorage,
  readShares,
  type PassedStorage,
  type ShareRow,
} from './shares/shares';
export { fleetUse, waitingSweeps, type FleetUse, type QuotaUse, type WaitingSweep } from './shares/waiting';
export { forgetAudit } from './audit/forget-audit';
export { newId } from './ids';
export { violated } from './violated';
export { claimableWork, insertTrials, unproposedSweeps, type UnproposedSweep } from './sweeps/advance-sweeps';
export { failSweep } from './sweeps/end-sweep';
export {
  completeSweeps,
  insertSweep,
  lockSweep,
  sweepMoves,
  sweepTransitions,
  type NewSweep,
} from './sweeps/lifecycle';
export { proposeTrials as proposePending, type NewTrial } from './trials/transitions/propose';
export { reuseTrials, type ReusedTrial } from './trials/transitions/reuse';
export { cancelSweep } from './sweeps/cancel-sweep';
export { deleteSweep, type Deleted } from './sweeps/delete-sweep';
export { editSweep, type EditedSweep } from './sweeps/edit-sweep';
export { extendSweep, pauseSweep, resumeSweep } from './sweeps/change-sweep';
export { type ClaimedTrial } from './trials/transitions/begin-attempts';
export type { Account, Adopted } from './trials/transitions/begin-attempts';
export {
  changesAfter,
  changesBegin,
  forgetChanges,
  liveTrials,
  remembers,
  type ChangeNumber,
  type ChangeRow,
} from './changes/changes';
export { keptDiagnostics, keptPoints, thinSweeps } from './retention/thin-sweeps';
export { claimTrials, commitWork, joinGroup, renewLeases } from './operations';
export { observedOperations, onOperation, type ObservedName } from './observed';
export { SchemaMoved, type Claim, type Claimant } from './trials/transitions/claim';
export { type AttemptWork, type BoardBaseline, type Judge, type SignOfLife } from './trials/commit-work';
export { completedTrials, type CompletedTrial } from './search-log/completed-trials';
export {
  inheritedBy,
  proposedConfigurations,
  sweepEdits,
  type LoggedEdit,
  type ProposedConfiguration,
} from './search-log/edits';
export { earlierOutcomes, type EarlierOutcome } from './search-log/earlier-outcomes';
export { endOverspentSweeps, endSatisfiedSweeps, failOverspentSweeps } from './sweeps/end-overspent-sweeps';
export { Spreads } from './sweeps/spreads';
export { countFinished, finishedOutcomes } from './leaderboard/finished-outcomes';
export { GrantsRefused, grantToWorkers, workerGrants } from './grants/worker-grants';
export { findId, UnknownId } from './find-id';
export { giveUpAttempts, reapLostAttempts, type GivenUp } from './trials/transitions/give-up';
export {
  insertLaterVerdict,
  insertVerdict,
  judgedTrials,
  lockRung,
  verdictsAt,
  type JudgedTrial,
  type StoredVerdict,
} from './search-log/verdicts';
export { pruneHeldSeeds, pruneTrials } from './trials/transitions/prune';
export { freezeTrials, thawConfigurations, type Frozen } from './trials/transitions/freeze';
export { releaseAtRung, type Released } from './trials/transitions/turn';
export { attemptMoves, transitions, trialMoves, type TransitionName } from './trials/lifecycle';
export {
  hasIndex,
  isMetric,
  mostLookedAt,
  type BoardFilter,
  type BoardPlace,
  type FixedValues,
} from './leaderboard/board-filter';
export { askTrial, type AskedTrial, type Asker } from './trials/transitions/ask';
export { toldTrial, type ToldTrial } from './trials/told-trial';
export { type RankedPosition, type Standing } from './leaderboard/board-ranks';
export { boardSweeps, countedBoards, sweepBoards, type BoardSweep, type CountedBoard } from './leaderboard/boards';
export {
  findBaselines,
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
} from './leaderboard/leaderboard';
export { refreshReported } from './leaderboard/refresh-reported';
export { comparedSeeds, type ComparedSeeds } from './leaderboard/compared-seeds';
export { bestTrials, sweepHistory, trialsById, type SweepTrial } from './trials/sweep-trials';
export { type Curve, type CurvePoints } from './curves/curve';
export {
  curveNames,
  judgedCurve,
  metricsAt,
  readCurves,
  seedCurves,
  wholeCurves,
  type WholeCurve,
} from './curves/read-curves';
export {
  countWilling,
  forgetPrompt,
  hearPrompt,
  openPrompt,
  takePrompt,
  tellPrompt,
  type HeardPrompt,
  type TakenPrompt,
} from './prompts/prompts';
export { modelArtifact } from './trials/model-artifact';
export {
  parameterChanges,
  insertTurns,
  populationTrials,
  sweepTurns,
  turnsAt,
  type LoggedTurn,
  type ParameterChange,
  type PopulationTrial,
} from './search-log/turns';
export {
  arrivalsOf,
  insertArrivals,
  logResumed,
  hasFailed,
  otherTrials,
  resumingTrials,
  type LoggedArrival,
  type ResumingTrial,
} from './search-log/resuming';
export { joinLost, lostIds, type LostAttempts } from './trials/lost-attempts';
export { lockAttempts } from './trials/lock-attempts';
export { pastPaces, type PastPace } from './leaderboard/past-paces';
export { namedCheckpoints } from './trials/named-checkpoints';
export { compromises, type Compromise } from './leaderboard/compromises';
export { deleteDataset, registeredFingerprints, storedBytes } from './datasets/datasets';
export { retryTrial } from './sweeps/retry-trial';
export { whyItWouldEnd } from './sweeps/end-overspent-sweeps';
export { fleetFigures, type FleetFigures } from './workers/fleet-figures';
export { drainWorker, findWorker, forgetWorker, hasWorkerWith, liveWorkers, type LiveWorker } from './workers/workers';
export { forgetFleet, isHeldByOther, noteNeeds } from './workers/signature-memory';
export { rememberedSeconds } from './memory/may-hold';
export { bestTrial, countTrials, noTrials } from './sweeps/sweep-progress';
export {
  finishedConfigurations,
  fleetLanes,
  loggedProposals,
  openConfigurations,
  retriedConfigurations,
  proposedTrials,
  sweepVerdicts,
  type LoggedProposal,
  type LoggedVerdict,
} from './search-log/proposals';
export {
  bestComplete,
  insertPairedTest,
  pairedSweeps,
  releaseSeeds,
  sweepPairedTests,
  waitingConfigurations,
  type PairedSweep,
  type StoredPairedTest,
  type WaitingConfiguration,
} from './search-log/paired-tests';
export { Turns } from './turns';
export { flush, unflushed } from './unflushed';
