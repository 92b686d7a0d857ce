import { labelsText, type Drain, type Page, type WorkerView } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { say, sayJson, seconds } from '../show/text';
import { example } from './command';
import { sendJson } from './send-json';

interface Shown {
  json?: boolean;
}

function stateOf({ silent, drain, slow, running, others }: WorkerView): string {
  if (silent) return 'silent';
  const work = running.length + others === 0 ? 'idle' : slow ? 'slow' : 'training';
  return drain === null ? work : `${work}, leaving`;
}

/** Mean use over the minutes that are known. */
const useOf = ({ use }: WorkerView): string =>
  use.length === 0 ? '-' : `${Math.round(use.reduce((sum, each) => sum + each, 0) / use.length)} %`;

async function list({ json }: Shown): Promise<void> {
  const { items } = await call<Page<WorkerView>>('/v1/workers');
  if (json) return sayJson(items);
  if (items.length === 0) return say('No workers: start one with unroll worker.');
  const rows = items.map((worker) => {
    const { id, host, labels, engine, slots, running, others, stepsPerSecond, lastSeen } = worker;
    const seen = seconds(Math.max(0, Date.now() - Date.parse(lastSeen)) / 1000);
    return [
      ...[id, host, labelsText(labels) || '-', engine, String(slots), stateOf(worker), String(running.length + others)],
      ...[stepsPerSecond === null ? '-' : stepsPerSecond.toPrecision(3), useOf(worker), `${seen} ago`],
    ];
  });
  const head = [
    'worker',
    'host',
    'labels',
    'engine',
    'trainers',
    'state',
    'trials',
    'updates/s',
    'use, last hour',
    'seen',
  ];
  say(table(head, rows, [4, 6, 7, 8]));
}

const path = (id: string): string => `/v1/workers/${encodeURIComponent(id)}`;

async function drain(id: string, { release, json }: Shown & { release?: boolean }): Promise<void> {
  const running: Drain = release ? 'release' : 'finish';
  const worker = await sendJson<WorkerView>('POST', `${path(id)}/drain`, { running });
  if (json) return sayJson(worker);
  const then = release ? 'releases what it trains and leaves' : 'leaves once what it trains has ended';
  say(`Worker ${worker.id} takes no more trials, and ${then}. unroll worker resume ${worker.id} takes it back.`);
}

async function resume(id: string, { json }: Shown): Promise<void> {
  const worker = await call<WorkerView>(`${path(id)}/resume`, { method: 'POST' });
  if (json) return sayJson(worker);
  say(`Worker ${worker.id} takes trials again.`);
}

/** `unroll worker list`, `drain` and `resume`. */
export function addFleetCommands(worker: Command): void {
  worker
    .command('list')
    .description('list the workers of the fleet')
    .option('--json', 'print them as JSON')
    .addHelpText('after', example('unroll worker list'))
    .action(list);
  worker
    .command('drain <id>')
    .description('ask a worker to take no more trials, and to leave once what it trains has ended')
    .option('--release', 'to leave at once: others continue what it trains')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll worker drain q7k2m9xa', 'unroll worker drain q7k2m9xa --release'))
    .action(drain);
  worker
    .command('resume <id>')
    .description('take back that a worker is to leave')
    .option('--json', 'print it as JSON')
    .addHelpText('after', example('unroll worker resume q7k2m9xa'))
    .action(resume);
}
