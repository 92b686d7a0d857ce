export type { InstructionSet, Kernels, RecurrentBackward, RecurrentForward } from './addon';
export { openKernels } from './open-kernels';
export { recurrentShader, type RecurrentShader } from './wgsl/recurrent';
export { recurrentGradientShader } from './wgsl/recurrent-gradient';
export { gatesOf, savedOf, tileOf, type RecurrentCell } from './wgsl/recurrent-shape';
export { wgslOf, type Shader } from './wgsl/shader';
export { lookupGradientShader, tokenWindowsShader } from './wgsl/tokens';
export { crossEntropyGradientShader, crossEntropyShader, rootsShader, squaresShader } from './wgsl/training';
export { updateShader, type UpdateRule } from './wgsl/update';
