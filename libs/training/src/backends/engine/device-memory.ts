import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Engine } from './engine';

const mebibyte = 2 ** 20;
/** The memory assumed of a GPU where it is unknown: any GPU worth training on has at least this much. */
const leastOfGpu = 4096 * mebibyte;
/** The limit of JavaScript's arrays. */
const longestArray = 2 ** 33;

/** The memory of this machine, or the part of it that this process may use. */
export function processorRoom(): Engine['room'] {
  const allowed = process.constrainedMemory?.() ?? 0;
  return { all: allowed > 0 ? Math.min(allowed, totalmem()) : totalmem(), one: longestArray };
}

/** Bytes of each NVIDIA GPU, by name, from nvidia-smi. */
async function nvidiaMemory(): Promise<(readonly [name: string, bytes: number])[]> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
  const answer = await promisify(execFile)('nvidia-smi', query).catch(() => undefined);
  const lines = answer?.stdout.trim().split('\n') ?? [];
  return lines.map((line) => line.split(', ')).map(([name, size]) => [name!, Number(size) * mebibyte]);
}

/** Bytes of the largest GPU whose memory the Linux kernel reports, as the AMD driver does; 0 where there is none. */
async function kernelMemory(): Promise<number> {
  const folder = '/sys/class/drm';
  const cards = await readdir(folder).catch(() => []);
  const sizes = cards.map((card) => readFile(`${folder}/${card}/device/mem_info_vram_total`, 'utf8').catch(() => '0'));
  return Math.max(0, ...(await Promise.all(sizes)).map(Number));
}

/**
 * Bytes of a GPU's memory, which WebGPU does not report: from UNROLL_GPU_MEMORY, in GiB; else from nvidia-smi, the Linux
 * kernel, or on Apple the machine's memory; else assumed.
 * @throws Error with one line for an UNROLL_GPU_MEMORY that is not a number above 0
 */
export async function gpuMemory(
  vendor: string,
  description: string,
  isSoftware: boolean,
): Promise<Pick<Engine['room'], 'all' | 'isAssumed'>> {
  const given = process.env.UNROLL_GPU_MEMORY;
  if (given) {
    if (!(Number(given) > 0)) throw new Error(`UNROLL_GPU_MEMORY: must be a number of GiB above 0, not ${given}`);
    return { all: Number(given) * 1024 * mebibyte };
  }
  if (isSoftware || vendor === 'apple') return { all: processorRoom().all };
  const nvidia = await nvidiaMemory();
  const own = nvidia.find(([name]) => description.includes(name)) ?? (vendor === 'nvidia' ? nvidia[0] : undefined);
  const known = own?.[1] || (vendor === 'amd' && (await kernelMemory()));
  return known ? { all: known } : { all: leastOfGpu, isAssumed: true };
}
