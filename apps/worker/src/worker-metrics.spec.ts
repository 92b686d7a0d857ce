import { WorkerMetrics } from './worker-metrics';

describe('the metrics of a worker', () => {
  it('have the memory of a GPU for each device whose trainers tell it, and no such series otherwise', async () => {
    const all: object[] = [{ trainer: { device: 'CPU' }, memory: 1, pace: { rate: () => undefined } }];
    const metrics = new WorkerMetrics(
      { capacity: { highest: 1 } } as never,
      { held: [], spooled: { batches: 0, bytes: 0 }, spacing: () => 1000 } as never,
      { slots: { all } } as never,
    );
    metrics.start();
    try {
      const series = async (): Promise<string[]> =>
        (await metrics.registry.metrics())
          .split('\n')
          .filter((line) => line.startsWith('unroll_worker_gpu_memory_bytes'));
      expect(await series()).toEqual([]);
      for (const gpuMemory of [2e9, 3e9])
        all.push({ trainer: { device: 'A100' }, memory: 1, gpuMemory, pace: { rate: () => undefined } });
      expect(await series()).toEqual(['unroll_worker_gpu_memory_bytes{device="A100"} 5000000000']);
    } finally {
      metrics.stop();
      metrics.registry.clear();
    }
  });
});
