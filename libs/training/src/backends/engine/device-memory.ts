import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Engine } from './engine';

const mebibyte = 2 ** 20;
/** What a GPU has at least that is worth training on, where nothing says how much it has. */
const leastOfGpu = 4096 * mebibyte;
/** JavaScript's arrays end here. */
const longestArray = 2 ** 33;

/** The memory of this machine, or as much of it as this process is allowed. */
export function processorRoom(): Engine['room'] {
  const allowed = process.constrainedMemory?.() ?? 0;
  return { all: allowed > 0 ? Math.min(allowed, totalmem()) : totalmem(), one: longestArray };
}

/** Bytes of each GPU of NVIDIA's, by name, as its own tool tells them. */
async function nvidiaMemory(): Promise<(readonly [name: string, bytes: number])[]> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  const answer = await promisify(execFile)('nvidia-smi', query).catch(() => undefined);
  const lines = answer?.stdout.trim().split('\n') ?? [];
  return lines.map((line) => line.split(', ')).map(([name, size]) => [name!, Number(size) * mebibyte]);
}

/** Bytes of the largest GPU that the kernel of Linux knows the memory of, as that of AMD's does; 0 where there is none. */
async function kernelMemory(): Promise<number> {
  const folder = '/sys/class/drm';
  const cards = await readdir(folder).catch(() => []);
  const sizes = cards.map((card) => readFile(`${folder}/${card}/device/mem_info_vram_total`, 'utf8').catch(() => '0'));
  return Math.max(0, ...(await Promise.all(sizes)).map(Number));
}

/**
 * Bytes that a GPU has. WebGPU does not tell: UNROLL_GPU_MEMORY does, in GiB; else NVIDIA's tool, the kernel of Linux, and of an Apple that of the machine.
 * @throws Error with one line for an UNROLL_GPU_MEMORY that is no number above 0
 */
export async function gpuMemory(vendor: string, description: string, isSoftware: boolean): Promise<number> {
  const given = process.env.UNROLL_GPU_MEMORY;
  if (given) {
    if (!(Number(given) > 0)) throw new Error(`UNROLL_GPU_MEMORY: must be a number of GiB above 0, not ${given}`);
    return Number(given) * 1024 * mebibyte;
  }
  if (isSoftware || vendor === 'apple') return processorRoom().all;
  const nvidia = await nvidiaMemory();
  const own = nvidia.find(([name]) => description.includes(name)) ?? (vendor === 'nvidia' ? nvidia[0] : undefined);
  return own?.[1] || (vendor === 'amd' && (await kernelMemory())) || leastOfGpu;
}
