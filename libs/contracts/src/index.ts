import * as access from './access';
import * as boards from './board';
import * as boardQueries from './board-query';
import * as details from './details';
import * as generation from './generate';
import * as links from './links';
import * as live from './live';
import * as reports from './reports';
import * as registry from './registry';
import * as rest from './rest';
import * as shares from './shares';
import * as study from './study';
import * as webhooks from './webhooks';
import * as words from './words';

export {
  access,
  boardQueries,
  boards,
  details,
  generation,
  links,
  live,
  registry,
  reports,
  rest,
  shares,
  study,
  webhooks,
  words,
};
export {
  linkKinds,
  type CreatedLink,
  type LinkBody,
  type LinkKind,
  type LinkScope,
  type LinkTarget,
  type LinkView,
} from './links';
export {
  webhookEvents,
  webhookKinds,
  type CreatedWebhook,
  type DeliveryView,
  type WebhookBody,
  type WebhookEvent,
  type WebhookKind,
  type WebhookMessage,
  type WebhookView,
} from './webhooks';
export type { AliasBody, ModelVersionView, RegisteredModel, VersionBody } from './registry';
export { drains, type Drain } from './drains';
export { duration } from './duration';
export { accesses, includesRole, localTeam, roles, type Access, type Role } from './roles';
export type {
  AuditEntryView,
  AuditQuery,
  CreatedKey,
  CreatedTeam,
  KeyBody,
  KeyView,
  Me,
  MemberBody,
  MemberChange,
  MemberView,
  SignInOptions,
  TeamBody,
  TeamView,
} from './access';
export type { SweepDetails, TrialDetails } from './details';
export type { ShareBody, Shares, ShareView, WaitingView } from './shares';
export { sweepsQuery, type SweepsQuery } from './sweeps-query';
export type {
  ClassReport,
  Diagnostics,
  ShownForecast,
  ShownFrames,
  ShownTags,
  ShownWriting,
  Snapshots,
} from './diagnostics';
export type {
  BoardList,
  BoardView,
  Comparison,
  Curve,
  Curves,
  History,
  Importance,
  Leaderboard,
  LeaderboardRow,
  Points,
  Samples,
  SavedView,
  TeamLeaderboard,
  ViewBody,
} from './board';
export {
  type BoardQuery,
  type ComparedCurvesQuery,
  type ComparisonQuery,
  type CurvesQuery,
  type ExportQuery,
  type PointsQuery,
  type TeamBoardQuery,
  type TeamExportQuery,
} from './board-query';
export { parseCondition, type Condition } from './condition';
export { csvRow, isPlainNumber } from './csv';
export { liveEvents, type EventsQuery, type LiveData, type LiveEvent, type LiveTrial } from './live';
export { missingPolicy } from './datasets/columns';
export { constraintError, parseConstraint, type Constraint } from './constraint-expression';
export { distributionKeys, distributions, getOptions, isDistribution, type Distribution } from './distribution';
export { parseDocument, parseJson } from './document';
export { engineNames, enginesWithLanes, type EngineName } from './engines';
export {
  beam,
  drawing,
  isPrompted,
  promptRefusals,
  standardDrawing,
  type GenerateBody,
  type GenerateData,
  type GenerateEvent,
  type PromptedTask,
} from './generate';
export { hiddenBucket, layerUnits, layerWidth, residualLayers } from './hidden-bucket';
export { mayChange, sharedByLanes } from './lanes';
export { limits } from './limits';
export { canonical, outsideTexts } from './json';
export { measure, toMeasure, type Measure } from './measure';
export { lossExpressionError, parseLossExpression, type LossNode } from './loss-expression';
export { dataReading, modelHeader, modelVersion, type DataReading, type ModelHeader } from './model-header';
export type { Baseline, TrialOutcome, TrialReport } from './report';
export type {
  AttemptView,
  DrainBody,
  EditBody,
  ExtendBody,
  Front,
  FrontRow,
  DatasetView,
  ConfirmBody,
  DiagnosticsView,
  Estimate,
  MetricSeries,
  MetricsQuery,
  Page,
  PageQuery,
  Problem,
  Replay,
  Rungs,
  SubmitQuery,
  SweepPage,
  SweepPlan,
  SweepView,
  TrialCounts,
  TrialView,
  TrialsQuery,
  WorkerView,
} from './rest';
export {
  attemptStates,
  sweepSorts,
  sweepStates,
  trialStates,
  type AttemptState,
  type SweepSort,
  type SweepState,
  type TrialState,
} from './states';
export { storedTrial } from './stored-trial';
export { nearest, suggestion } from './strict';
export { sweepKeys, sweepFileMarkdown, type SweepKey } from './sweep-keys';
export { cellNames, cells, type CellName } from './cells';
export type { CellDefinition } from './cells/cell';
export { endedTrials } from './ended-trials';
export { rankedStates } from './ranked-states';
export { idleOnData, idleOptions, type StepKind } from './idle-options';
export {
  datasetKindDefinitions,
  datasetKinds,
  registeredKinds,
  type DatasetKind,
  type RegisteredKind,
} from './datasets';
export type { DatasetKindDefinition } from './datasets/dataset-kind';
export { inWords } from './definition';
export {
  costNames,
  metricGoal,
  metricPer,
  metricNames,
  metrics,
  type CostName,
  type MetricName,
  type ToldName,
} from './metrics';
export type { MetricDefinition } from './metrics/metric';
export { optimizerDefinitions, optimizerKinds, type OptimizerSpec } from './optimizers';
export type { OptimizerDefinition } from './optimizers/optimizer';
export { samplerDefinitions, samplerNames, type SamplerName } from './samplers';
export type { SamplerDefinition } from './samplers/sampler';
export {
  endsAtRungs,
  isExploiting,
  isResuming,
  stoppingOptions,
  stoppingRuleDefinitions,
  stoppingRuleNames,
  type StoppingOptionName,
  type StoppingRuleName,
  type StoppingVerdictRule,
} from './stopping';
export type { StoppingRuleDefinition } from './stopping/rule';
export { defaultVocabulary } from './tasks/options';
export { taskKinds, tasks, type TaskKind, type TaskSpec } from './tasks';
export type { FirstSweep, TaskDefinition } from './tasks/task';
export { defaultObjective, goalSign, type Compared, type Objective } from './objective-spec';
export { wholeStopping, type Stopping, type StoppingSpec } from './stopping-spec';
export { searchAlgorithms, sweepJsonSchema, sweepSpec, type Budget, type Search, type SweepSpec } from './sweep-spec';
export { precisionOf } from './precision';
export { countFolds, foldVariance, meanVariance } from './folds';
export { between, differencesOf, inUnit, meanOf, momentsOf, unitOf } from './large-values';
export { isStudy, isStudyTrial } from './is-study';
export { datasetName, misplacedOption, type DatasetSpec } from './dataset-spec';
export { model as modelSpec, type ModelSpec } from './model-spec';
export { isForced, precisions, type Precision, type ScheduleSpec, type TeacherForcingSpec } from './training-spec';
export { trialOptions, type OptionExamples, type TrialOption } from './trial-options';
export {
  trainFile,
  trialRefusals,
  trialSpec,
  type TrainFile,
  type TrainingSpec,
  type TrialParts,
  type TrialSpec,
} from './trial-spec';
export { priorities, priorityWeights, type Priority } from './priority';
export { renameKeys, type RenamedKeys } from './renamed-keys';
export { exportProblem } from './export-problem';
export { initFromProblem } from './init-from-problem';
export {
  fileOptions,
  mapStrings,
  namedFile,
  namedFiles,
  namesOf,
  stringsAt,
  withFingerprints,
  type FileOptionPath,
  type NamedFile,
} from './named-files';
export type { Ticket } from './ticket';
export { chartOf, chartTabs, reportParts, type ChartTab, type ReportChart, type ReportPart } from './report-charts';
export type { ReportBody, ReportChange, ReportsQuery, ReportSummary, TeamReport } from './reports';
export type { DiaryBody, DiaryEntry, Review, ReviewBody } from './words';
export { validate, ValidationError, type FieldError } from './validation';
export { memoryClasses, type DeviceMemory, type LaneNeeds, type MemoryClass } from './memory';
export { labels, parseLabels } from './labels';
export { labelsText, type Labels } from './labels-text';
export { problemDetails, problemTitles } from './problem';
export {
  generateBody,
  predictBody,
  servingLimits,
  stepBody,
  type PredictBody,
  type ServedModel,
  type StepAnswer,
  type StepBody,
  type Writing,
} from './serving';
