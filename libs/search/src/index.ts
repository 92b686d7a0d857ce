export { datasetNames } from './dataset-names';
export { noStanding, objectiveOf, standingAfter, type Standing } from './objective';
export { checkSweep, propose, sweepSize, type Proposal } from './proposals';
export { samplers } from './samplers';
export type { Sampler } from './samplers/sampler';
export { boardKey, canonical, fusionSignature, shortHash } from './signature';
export { startsOf, withStarts } from './starts';
export { draw, gridSize, type Drawn, type Parameters } from './space';
