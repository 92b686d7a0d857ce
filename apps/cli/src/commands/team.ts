import { roles, type CreatedTeam, type MemberView, type Page, type Role, type TeamView } from '@unroll/contracts';
import { Option, type Command } from 'commander';
import { call } from '../api/client';
import { table } from '../show/table';
import { note, say, sayJson } from '../show/text';
import { example } from './command';
import { addMemberQuotaCommand, addTeamQuotaCommand } from './quota';
import { sendJson } from './send-json';

const day = (time: string): string => time.slice(0, 10);
const memberPath = (name: string): string => `/v1/members/${encodeURIComponent(name)}`;

interface Shown {
  json?: boolean;
}

async function createTeam(id: string, { admin, json }: Shown & { admin: string }): Promise<void> {
  const team = await sendJson<CreatedTeam>('POST', '/v1/teams', { id, admin });
  if (json) return sayJson(team);
  note(`Created the team ${team.id} with its admin ${admin}, whose key is shown only now:`);
  say(team.key.key);
}

async function listTeams({ json }: Shown): Promise<void> {
  const { items } = await call<Page<TeamView>>('/v1/teams');
  if (json) return sayJson(items);
  const rows = items.map(({ id, members, sweeps, createdAt }) => [id, `${members}`, `${sweeps}`, day(createdAt)]);
  say(table(['team', 'members', 'sweeps', 'created (UTC)'], rows, [1, 2]));
}

async function listMembers({ json }: Shown): Promise<void> {
  const { items } = await call<Page<MemberView>>('/v1/members');
  if (json) return sayJson(items);
  const rows = items.map(({ name, role, keys, createdAt }) => [name, role, String(keys), day(createdAt)]);
  say(table(['member', 'role', 'keys', 'added (UTC)'], rows, [2]));
}

async function addMember(name: string, { role, email, json }: Shown & { role: Role; email?: string }): Promise<void> {
  const member = await sendJson<MemberView>('POST', '/v1/members', { name, role, email });
  if (json) return sayJson(member);
  say(
    `${member.name} is a member with the role ${member.role}. Next: unroll key create NAME --member "${member.name}"`,
  );
}

async function changeMember(name: string, { role, json }: Shown & { role: Role }): Promise<void> {
  const member = await sendJson<MemberView>('PATCH', memberPath(name), { role });
  if (json) return sayJson(member);
  say(`${member.name} now has the role ${member.role}.`);
}

async function removeMember(name: string): Promise<void> {
  await call(memberPath(name), { method: 'DELETE' });
  say(`${name} is no longer a member, and their keys are revoked. Their sweeps stay.`);
}

const roleOption = (): Option => new Option('--role <role>', 'what they may do').choices(roles);
const json = ['--json', 'print it as JSON'] as const;

export function addTeamCommands(program: Command): void {
  const team = program.command('team').description('create and list teams, and their quotas');
  addTeamQuotaCommand(team);
  team
    .command('create <id>')
    .description('create a team, and print the key of its first admin')
    .requiredOption('--admin <name>', 'name of its first member')
    .option(...json)
    .addHelpText('after', example('unroll team create speech --admin "Ada Lovelace"'))
    .action(createTeam);
  team
    .command('list')
    .description('list all teams')
    .option(...json)
    .addHelpText('after', example('unroll team list'))
    .action(listTeams);
  const member = program.command('member').description('list, add, change and remove members of the team');
  addMemberQuotaCommand(member);
  member
    .command('list')
    .description('list the members of the team')
    .option(...json)
    .addHelpText('after', example('unroll member list'))
    .action(listMembers);
  member
    .command('add <name>')
    .description('add a member')
    .addOption(roleOption().default('submitter'))
    .option('--email <address>', 'by which an OpenID provider knows them: they sign in without a key')
    .option(...json)
    .addHelpText('after', example('unroll member add "Ada Lovelace"', 'unroll member add Grace --role viewer'))
    .action(addMember);
  member
    .command('change <name>')
    .description("change a member's role; their keys follow at once")
    .addOption(roleOption().makeOptionMandatory())
    .option(...json)
    .addHelpText('after', example('unroll member change Grace --role submitter'))
    .action(changeMember);
  member
    .command('remove <name>')
    .description('remove a member and revoke their keys; their sweeps stay')
    .addHelpText('after', example('unroll member remove Grace'))
    .action(removeMember);
}
