/** The engines that a trial can run on, in the order in which they are listed. libs/training/src/backends opens them. */
export const engineNames = ['tensorflow', 'webgpu', 'native', 'wasm', 'cpu'] as const;
export type EngineName = (typeof engineNames)[number];

/**
 * How many times as fast an engine trains 16 lanes of one array as 16 trials one after another: an LSTM of 64 units, 16 sequences of
 * 32 steps (`npm run bench -- lanes --size 16,32,64 --lanes 1,16`, two cores with AVX2). Larger networks gain less. A GPU was not
 * measured: one small trial leaves most of it idle.
 */
const laneGain: Record<EngineName, number> = { tensorflow: Infinity, webgpu: Infinity, native: 6.9, wasm: 5, cpu: 0.5 };

/** The engines on which it pays that trials have the same structure and train as lanes of one array. */
export const enginesWithLanes = engineNames.filter((name) => laneGain[name] >= 2);
