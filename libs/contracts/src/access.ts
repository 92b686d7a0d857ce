import { z } from 'zod';
import { duration } from './duration';
import { linkScope } from './links';
import { limits } from './limits';
import { roles } from './roles';
import { oneOf, strict } from './strict';

/** People, their keys, and what they did. Times are ISO 8601 in UTC. */

const time = z.iso.datetime();
const id = z.string().describe('8 characters; any unique prefix is accepted as an id.');

const name = (most: number) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'), `must be one line of 1 to ${most} characters`);
const teamId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,30}$/, 'must be 2 to 31 lower-case letters, digits and hyphens, starting with a letter')
  .describe('A short name that never changes.');
const role = oneOf(roles).describe(
  'viewer: reads everything of the team; submitter: also runs sweeps and adds data; admin: also manages people and keys.',
);

export const teamBody = strict({
  id: teamId,
  admin: name(limits.personName).describe('Name of its first member, an admin, for whom a key is created.'),
});
export type TeamBody = z.infer<typeof teamBody>;

export const memberBody = strict({
  name: name(limits.personName).describe('Unique in the team.'),
  role: role.default('submitter'),
  email: z
    .email('must be an e-mail address')
    .max(limits.email)
    .transform((address) => address.toLowerCase())
    .optional()
    .describe('By which an OpenID provider knows them: they sign in without a key. Unique.'),
});
export type MemberBody = z.infer<typeof memberBody>;

export const memberChange = strict({ role });
export type MemberChange = z.infer<typeof memberChange>;

export const keyBody = strict({
  name: name(limits.keyName).describe('What the key is for, such as "laptop".'),
  member: z.string().max(limits.personName).optional().describe('Name of the member. Default: oneself.'),
  role: role.optional().describe("At most the member's own. Default: the member's own."),
  expiresIn: duration.optional().describe('How long it is valid, such as 90d. Default: until it is revoked.'),
});
export type KeyBody = z.infer<typeof keyBody>;

export const memberView = z.object({
  name: z.string(),
  role: z.enum(roles),
  email: z.string().nullable(),
  keys: z.int().describe('Number of keys that are valid.'),
  createdAt: time,
});
export type MemberView = z.infer<typeof memberView>;

export const keyView = z.object({
  id,
  name: z.string(),
  member: z.string().describe('Name of the member whose key it is.'),
  role: z.enum(roles).describe("The lower of the key's role and the member's."),
  start: z.string().describe('The first characters of the key, to recognise it by.'),
  createdAt: time,
  expiresAt: time.nullable(),
  lastUsedAt: time.nullable().describe('To the minute.'),
});
export type KeyView = z.infer<typeof keyView>;

export const createdKey = keyView.extend({ key: z.string().describe('The key itself. It is shown only now.') });
export type CreatedKey = z.infer<typeof createdKey>;

export const teamView = z.object({ id: z.string(), members: z.int(), sweeps: z.int(), createdAt: time });
export type TeamView = z.infer<typeof teamView>;

export const createdTeam = teamView.extend({ key: createdKey });
export type CreatedTeam = z.infer<typeof createdTeam>;

export const me = z.object({
  team: z.string(),
  member: z.string(),
  role: z.enum(roles),
  operator: z.boolean().describe('Whether this key may create teams.'),
  link: linkScope.nullable().describe('What alone may be read, by a link; null for a key.'),
});
export type Me = z.infer<typeof me>;

export const auditEntry = z.object({
  at: time,
  member: z.string(),
  key: z.string().nullable().describe('Name of the key; null for the key of the environment.'),
  action: z.string().describe('Thing and verb, such as sweep.cancel.'),
  target: z.string().nullable().describe('Id or name of the thing.'),
  change: z.record(z.string(), z.unknown()).nullable().describe('What was sent, or what was made.'),
  outcome: z.enum(['done', 'failed', 'unknown']).describe('unknown: under way, or the API died before it could tell.'),
});
export type AuditEntryView = z.infer<typeof auditEntry>;

export const auditQuery = strict({
  limit: z.coerce.number().int().min(1).max(limits.page).default(50).describe('Maximum number of items.'),
  cursor: z.string().max(500).optional().describe('The nextCursor of the page before.'),
  member: z.string().max(limits.personName).optional().describe('Name of a member.'),
  action: z
    .string()
    .regex(/^[a-z]+(\.[a-z]+)?$/, 'must be a thing or an action, such as sweep or sweep.cancel')
    .optional()
    .describe('An action, such as sweep.cancel, or a thing, such as sweep, for all of its actions.'),
  target: z.string().max(100).optional().describe('Id or name of a thing.'),
});
export type AuditQuery = z.infer<typeof auditQuery>;

export const signInOptions = z.object({
  openId: z.boolean().describe('Whether people can sign in at an OpenID provider, at /v1/sign-in.'),
});
export type SignInOptions = z.infer<typeof signInOptions>;
