export { describeEngines, openEngine, type EngineDescription } from './engines/open-engine';
export { engineNames, type Engine, type EngineName } from './engines/engine';
export { requireFusable } from './fusable';
export type { Weights } from './parameter';
export { fromSafetensors, toSafetensors } from './safetensors';
export { train, type LaneReport, type LaneRequest, type LaneResult, type TrainOptions } from './train';
export type { Verification } from './verify/comparison';
export { verifyLayers, type LayerCase, type LayerTable } from './verify/layers';
export { verifyTraces, type Trace, type TraceTable } from './verify/traces';
