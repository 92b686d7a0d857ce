// What commands ask about GPUs. .swcrc has this file loaded when it is first asked: most commands ask nothing, and kernels take a while.
export { hasGpuDriver, mayHaveGpu } from '@unroll/kernels';
