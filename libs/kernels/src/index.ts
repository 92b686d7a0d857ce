export type { InstructionSet, Kernels, RecurrentBackward, RecurrentForward } from './addon';
export { openKernels } from './open-kernels';
