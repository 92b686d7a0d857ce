export type {
  InstructionSet,
  Kernels,
  PackedShape,
  Packing,
  ProductPrecision,
  RecurrentBackward,
  RecurrentForward,
  RecurrentPacked,
} from './addon';
export { scanBlocks, scanCells, type ScanBlocks, type ScanCell } from './scan-cells';
export { selectiveStates } from './selective-states';
export { KernelsNotBuilt, openKernels } from './open-kernels';
export { lossScaling } from './loss-scaling';
export { updateRules, type ScalarName, type UpdateKind, type UpdateRule } from './update-rules';
export { tanhGradientShader } from './wgsl/activations';
export { attentionGradientShader, attentionShader, type Attending } from './wgsl/attention';
export { columnsOfNorm, layerNormGradientShader, layerNormShader } from './wgsl/layer-norm';
export { asFloatsShader } from './wgsl/cast';
export { joinShader, splitShader, transposedDimensions, transposeShader } from './wgsl/layout';
export { linearGradientCut, linearGradientShader } from './wgsl/linear-gradient';
export { lossScaleShader } from './wgsl/loss-scale';
export { packShader } from './wgsl/pack';
export { partsShader, productCut, productShader, rowsPerSum, rowSumsShader, type ProductEnds } from './wgsl/product';
export { dropoutMaskShader, tokenDropoutShader } from './wgsl/random';
export { recurrentShader } from './wgsl/recurrent';
export { recurrentGradientShader } from './wgsl/recurrent-gradient';
export { normaliseGradientShader, normaliseShader, ownGradientShader, ownPartsShader } from './wgsl/own-gradient';
export {
  cellStates,
  chooseTile,
  gateCounts,
  hasCellState,
  isNormalised,
  ownCounts,
  savedOfRow,
  type RecurrentCell,
  type RecurrentLayer,
} from './wgsl/recurrent-shape';
export {
  mostOfHead,
  rowsHeld,
  rowsOfAttention,
  selfAttentionGradientShader,
  selfAttentionShader,
  type AttentionHead,
} from './wgsl/self-attention';
export { mlstmShader } from './wgsl/mlstm';
export { mlstmGateNumbers, mlstmGatesGradientShader, mlstmGatesShader, mlstmGateThreads } from './wgsl/mlstm-gates';
export { mlstmGradientShader } from './wgsl/mlstm-gradient';
export type { MlstmHead } from './wgsl/mlstm-shape';
export { scanGradientShader, scanShader, scanThreads, type ScanLayer } from './wgsl/scan';
export {
  firstSiluGradientShader,
  firstSiluShader,
  gatedLinearUnitGradientShader,
  gatedLinearUnitShader,
} from './wgsl/gated';
export { selectiveScanGradientShader, selectiveScanShader, selectiveThreads } from './wgsl/selective-scan';
export { grid, shaderSource, type Shader } from './wgsl/shader';
export { lookupGradientShader, sequenceRowsShader, tokenWindowsShader } from './wgsl/tokens';
export { crossEntropyGradientShader, crossEntropyShader, rootsShader, squaresShader } from './wgsl/training';
export {
  takeRowsShader,
  treeChildrenShader,
  treeNodesGradientShader,
  treeNodesShader,
  treeSumsShader,
} from './wgsl/tree-nodes';
export { updateShader } from './wgsl/update';
export { hasGpuDriver, mayHaveGpu } from './gpu';
