import { readConfig, supportedNode, version } from '@unroll/config';
import { describeEngines, type AdapterDescription } from '@unroll/training';
import type { Command } from 'commander';
import { once } from 'node:events';
import { connect } from 'node:net';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import colors from 'picocolors';
import { dataFolder } from '../api/client';
import { hasGpuDriver } from '../process/gpu-drivers';
import { startApart } from '../process/native-output';
import { table } from '../show/table';
import { say, sayData } from '../show/text';
import { readInstance } from '../stack/instance';
import { example } from './command';

/** Milliseconds to wait for a service to respond. */
const timeout = 3000;

interface Finding {
  what: string;
  ok: boolean;
  detail: string;
  remedy?: string | undefined;
}

/** Connects to a service. Returns the problem, or undefined if it is reachable. */
function probe(address: string, standardPort: number): Promise<string | undefined> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port) || standardPort, timeout });
    const end = (problem?: string): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end('timed out'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
  });
}

async function service(
  what: string,
  address: string | undefined,
  standardPort: number,
  without: string,
): Promise<Finding> {
  if (!address) return { what, ok: true, detail: without };
  const problem = await probe(address, standardPort);
  const { host } = new URL(address);
  return problem
    ? { what, ok: false, detail: `${host}: ${problem}`, remedy: 'start it or correct the address' }
    : { what, ok: true, detail: `reachable at ${host}` };
}

async function localStack(): Promise<Finding> {
  const folder = dataFolder();
  const url = process.env.UNROLL_URL ?? readInstance(folder)?.url;
  if (!url) return { what: 'API', ok: true, detail: `not running from ${folder}; start it with "npx unroll start"` };
  const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(timeout) }).catch(() => undefined);
  if (ready?.ok) return { what: 'API', ok: true, detail: `ready at ${url}` };
  return {
    what: 'API',
    ok: false,
    detail: `${url} is not ready`,
    remedy: `check the logs in ${join(folder, 'logs')} or restart it`,
  };
}

const gibibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 30)} GiB`;

/** Every GPU, and the lines that their drivers printed, from a process that loads these for it. */
async function probeGpus(): Promise<{ adapters: AdapterDescription[]; printed: string[] }> {
  if (!hasGpuDriver()) return { adapters: [], printed: [] };
  const printed: string[] = [];
  const child = startApart('gpus.js', [], ['pipe', 2], (line) => printed.push(line));
  const [answer] = await Promise.all([text(child.stdio[3] as Readable), once(child, 'close')]);
  return { adapters: answer === '' ? [] : (JSON.parse(answer) as AdapterDescription[]), printed };
}

/** One finding per GPU available to WebGPU, with the index that --gpu takes; a single finding if there is none. */
async function gpus(): Promise<Finding[]> {
  const { adapters, printed } = await probeGpus();
  const findings = adapters.map(({ index, name, kind, memory, largestTensor, hasHalf }) => ({
    what: `GPU ${index}`,
    ok: true,
    detail: `${name}: ${kind}, ${gibibytes(memory)}, tensors up to ${gibibytes(largestTensor)}${hasHalf ? ', float16' : ''}`,
  }));
  if (findings.length === 0)
    findings.push({ what: 'GPU', ok: true, detail: 'none with a Vulkan, Metal or Direct3D 12 driver' });
  const [first] = printed;
  if (first === undefined) return findings;
  const others = printed.length > 1 ? ` and ${printed.length - 1} more lines` : '';
  const detail = `print "${first}"${others}, which commands show with UNROLL_LOG_LEVEL=debug alone`;
  return [...findings, { what: 'GPU drivers', ok: true, detail }];
}

function versions(): Finding {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${memory}`;
  return {
    what: 'versions',
    ok: true,
    detail: `Unroll ${version}, Node ${process.versions.node} (needs ${supportedNode}); ${machine}`,
  };
}

async function doctor({ json }: { json?: boolean }): Promise<void> {
  const config = readConfig(process.env, { needsDatabase: false });
  const { engines, auto } = await describeEngines();
  const findings: Finding[] = [
    versions(),
    ...engines.map(({ name, available, device, codePath, reason, remedy }) => ({
      what: `engine ${name}`,
      ok: available,
      detail: available ? `${device} (${codePath})` : (reason ?? ''),
      remedy,
    })),
    ...(await gpus()),
    await service('PostgreSQL', config.databaseUrl || undefined, 5432, 'embedded (DATABASE_URL is not set)'),
    await service('Redis', config.redisUrl, 6379, 'not used: the queue is in PostgreSQL (REDIS_URL is not set)'),
    await localStack(),
  ];
  // A missing engine is not a fault as long as another one is available.
  const isUnhealthy =
    findings.filter(({ what, ok }) => !ok && !what.startsWith('engine ')).length > 0 || auto === undefined;
  if (json) sayData(JSON.stringify({ healthy: !isUnhealthy, findings }, null, 2));
  else {
    const rows = findings.map(({ what, ok, detail, remedy }) => [
      ok ? colors.green('ok') : colors.yellow('--'),
      what,
      detail + (remedy && !ok ? `; ${remedy}` : ''),
    ]);
    say(table(['', '', ''], rows).trimStart());
    say(`\n"auto" selects the engine ${auto ?? 'none'}.`);
  }
  if (isUnhealthy) process.exitCode = 1;
}

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check engines, GPUs and services on this machine, and how to fix what is missing')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll doctor'))
    .action(doctor);
}
