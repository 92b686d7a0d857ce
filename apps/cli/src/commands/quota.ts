import { shares, validate, type Shares, type ShareView } from '@unroll/contracts';
import type { Command } from 'commander';
import { call } from '../api/client';
import { CommandFailed } from '../errors/command-failed';
import { table } from '../show/table';
import { say, sayJson } from '../show/text';
import { example } from './command';
import { sendJson } from './send-json';

interface Options {
  weight?: string;
  lanes?: string;
  gpuHours?: string;
  storage?: string;
  json?: boolean;
}

/** A number, or `none`, which lifts a quota. What is no number is refused by the contract, under its name there. */
const numberOf = (text: string | undefined): number | string | null | undefined =>
  text === undefined
    ? undefined
    : text === 'none'
      ? null
      : text.trim() === '' || Number.isNaN(Number(text))
        ? text
        : Number(text);

const isChange = ({ weight, lanes, gpuHours, storage }: Options): boolean =>
  [weight, lanes, gpuHours, storage].some((value) => value !== undefined);

async function change(kind: Kind, path: string, { weight, lanes, gpuHours, storage, json }: Options): Promise<void> {
  const given = { weight, lanes, gpuHours, storageGb: storage };
  const body = Object.fromEntries(
    Object.entries(given).flatMap(([key, text]) => (text === undefined ? [] : [[key, numberOf(text)]])),
  );
  const share = await sendJson<ShareView>('PATCH', path, validate(shares.shareBody, body));
  if (json) return sayJson(share);
  showShares([[kind, share]]);
}

const limit = (most: number | null, used: number, digits: number): string =>
  `${used.toFixed(digits)}${most === null ? '' : ` of ${Number(most.toFixed(digits))}`}`;

type Kind = 'team' | 'member';

function showShares(all: readonly (readonly [Kind, ShareView])[]): void {
  say(
    table(
      ['', 'name', 'weight', 'lanes', 'trainers', 'of late', 'GPU hours', 'data sets, GB'],
      all.map(([kind, { name, weight, quotas, use }]) => [
        ...[kind, name, String(weight), limit(quotas.lanes, use.lanes, 0), String(use.trainers), use.recent.toFixed(2)],
        ...[limit(quotas.gpuHours, use.gpuHours, 1), limit(quotas.storageGb, use.storageGb, 2)],
      ]),
      [2, 3, 4, 5, 6, 7],
    ),
  );
}

async function showAll({ json }: Options): Promise<void> {
  const found = await call<Shares>('/v1/shares');
  if (json) return sayJson(found);
  showShares([
    ...(found.teams ?? [found.team]).map((share) => ['team', share] as const),
    ...found.members.map((share) => ['member', share] as const),
  ]);
  for (const { sweepId, name, trials, text } of found.waiting)
    say(`${sweepId} (${name}): ${trials} trials wait: ${text}.`);
}

async function teamQuota(id: string | undefined, options: Options): Promise<void> {
  if (id !== undefined && isChange(options))
    return change('team', `/v1/teams/${encodeURIComponent(id)}/share`, options);
  if (id !== undefined) throw new CommandFailed('give what to change: --weight, --lanes, --gpu-hours or --storage', 2);
  if (isChange(options)) throw new CommandFailed('name the team whose quotas to change', 2);
  await showAll(options);
}

async function memberQuota(name: string, options: Options): Promise<void> {
  if (!isChange(options))
    throw new CommandFailed('give what to change: --weight, --lanes, --gpu-hours or --storage', 2);
  await change('member', `/v1/members/${encodeURIComponent(name)}/share`, options);
}

const quotaOptions = (command: Command): Command =>
  command
    .option('--weight <number>', 'its part of the fleet beside the others, which have 1 by default')
    .option('--lanes <number>', 'most trials that run at a time; none lifts it')
    .option('--gpu-hours <hours>', 'most trainer hours in a calendar month; none lifts it')
    .option('--storage <GB>', 'most gigabytes of data sets; none lifts it')
    .option('--json', 'print it as JSON');

/** `unroll team quota`. */
export function addTeamQuotaCommand(team: Command): void {
  quotaOptions(
    team.command('quota [team]').description('show who uses what and why trials wait, or change the quotas of a team'),
  )
    .addHelpText(
      'after',
      example('unroll team quota', 'unroll team quota speech --weight 2 --lanes 64 --gpu-hours 500'),
    )
    .action(teamQuota);
}

/** `unroll member quota`. */
export function addMemberQuotaCommand(member: Command): void {
  quotaOptions(member.command('quota <name>').description("change a member's share and quotas"))
    .addHelpText('after', example('unroll member quota Grace --lanes 16', 'unroll member quota Grace --lanes none'))
    .action(memberQuota);
}
