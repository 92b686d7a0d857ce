export { CheckpointUnreadable, readCheckpoint, takenOver, writeCheckpoint, type Checkpoint } from './loop/checkpoint';
export { describeEngines, openEngine, type EngineDescription } from './backends/open-engine';
export { describeAdapters, type AdapterDescription } from './backends/webgpu/device';
export type { Engine } from './backends/engine/engine';
export { requireFusable } from './loop/fusable';
export type { LaneReport, LaneRequest, LaneResult } from './loop/lane-request';
export type { Weights } from './nn/parameter';
export { compressModel, type Compression } from './models/compress-model';
export { writeText, type Hearing } from './models/write-text';
export { Continuation, generate, type Generation } from './models/generate';
export { int8Model } from './models/int8-model';
export { modelFile, toModel, readModel, type Model } from './models/model-file';
export { forecastFurther, hasDistribution } from './models/forecast-further';
export { combinationProblem, type CombinationProblem } from './models/combinable';
export { openAnswering, type Answering } from './models/ensemble';
export { Network } from './models/network';
export { classReport, type ClassReport } from './tasks/class-report';
export { shownForecasts } from './tasks/shown-forecasts';
export { embeddedSymbols, embeddingWeights } from './models/pretrained-embedding';
export { inheritedReading, initialWeights } from './models/init-from';
export { onAllData } from './models/retraining';
export { exportTorch } from './models/foreign/torch-export';
export { foreignWeights, isForeign, readForeignLayers } from './models/foreign/foreign-model';
export { requireNoShard } from './models/foreign/sharded-file';
export type { RecurrentLayers } from './models/foreign/recurrent-layers';
export { onnxDifference, onnxRuntime, onnxTolerance } from './onnx/check';
export { exportOnnx } from './onnx/export';
export { fromSafetensors, toSafetensors } from './models/safetensors';
export type { Answer } from './tasks/task';
export { PrecisionUnavailable } from './loop/precision';
export {
  deviceMemory,
  laneMemory,
  laneNeeds,
  lanesThatFit,
  requireRoom,
  TooLarge,
  type LaneMemory,
} from './loop/lane-memory';
export { train } from './loop/train';
export type { TrainOptions } from './loop/train-options';
export type { Verification } from './verify/comparison';
export { combinations, type Combination, type Combinations } from './verify/conformance/combinations';
export { trainCombination, type Training } from './verify/conformance/run';
export { referenceEngine, verifyTasks, type Resume, type TaskVerification } from './verify/conformance/verify-tasks';
export { verifyLayers, type LayerCase, type LayerTable } from './verify/layers';
export { verifyKernels } from './verify/tensorflow-kernels';
export { verifyTraces, type Trace, type TraceTable } from './verify/traces';
