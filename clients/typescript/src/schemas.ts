import type { components } from './api.ts';

type Schemas = components['schemas'];

/** Shapes of the API, as its OpenAPI document has them. */
export type SweepSpec = Schemas['SweepSpec'];
export type SweepPlan = Schemas['SweepPlan'];
export type SweepView = Schemas['Sweep'];
export type TrialView = Schemas['Trial'];
export type TrialState = TrialView['state'];
export type StudySpec = Schemas['StudySpec'];
export type LeaderboardRow = Schemas['LeaderboardRow'];
export type MetricSeries = Schemas['MetricSeries'];
export type TrialEvent = Schemas['TrialEvent'];
export type WorkerView = Schemas['Worker'];
export type Asked = Schemas['Asked'];
export type Reported = Schemas['Reported'];
