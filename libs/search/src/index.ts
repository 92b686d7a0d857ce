export { chooseNext, lastRung, nextRung, type Arrival, type ArrivalLog, type Choice } from './freeze-thaw';
export { toMember, rungAfter, turnAt, type Member, type Turn } from './population/population';
export { datasetNames } from './space/dataset-names';
export { paretoRanks } from './objectives/pareto';
export { noStanding, getObjective, getObjectives, standingAfter, type Standing } from './objective';
export { chooseSampler, settled } from './choose';
export { checkAhead, checkSweep } from './checks/sweep';
export { countSeeds, firstTrials, sweepSize, toTrials, type Proposal, type SweepSize } from './proposals/proposals';
export {
  fixedParameters,
  parameterAxes,
  toParameters,
  SweepSearch,
  type Configuration,
  type Outcome,
} from './proposals/search';
export { samplers } from './samplers';
export { requireWholeGrids } from './samplers/configurations';
export type { Sampler } from './samplers/sampler';
export { comparisonKey, measuredOptions, fusionSignature, shortHash, studyKey, trainingKey } from './signature';
export {
  computeImportance,
  importanceProblem,
  type FinishedOutcome,
  type ParameterImportance,
} from './importance/importance';
export { gridSize, type Drawn, type Parameters } from './space/space';
export { stoppingRules } from './stopping';
export { arrivalsNeeded, decideAt, meanCurve, reconsider } from './stopping/decide';
export { comparePairs, firstSeeds, nextLook, type Pairs } from './stopping/paired-test';
export { rankCorrelation } from './stopping/rank-correlation';
export {
  wholeStopping,
  type CurvePoint,
  type RungEntry,
  type RungReport,
  type Stopping,
  type StoppingRule,
  type Verdict,
} from './stopping/rule';
export { rungAt } from './stopping/rungs';
