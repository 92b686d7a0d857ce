/** Kinds of devices by the memory that the same training takes there: processors with fused kernels and without, and GPUs by WebGPU. */
export const memoryClasses = ['kernels', 'composite', 'wgsl'] as const;
export type MemoryClass = (typeof memoryClasses)[number];

/** What one lane of a signature takes while it is trained, by the class of the device, in bytes: as estimated, and at the very least. */
export interface LaneNeeds {
  bytes: Readonly<Record<MemoryClass, number>>;
  least: Readonly<Record<MemoryClass, number>>;
}

/** The memory of a worker's device, in bytes; undefined where it is not known. */
export interface DeviceMemory {
  memoryClass: MemoryClass;
  /** All of it, and what lanes of one trainer may take of it. */
  room?: number | undefined;
  laneRoom?: number | undefined;
}
