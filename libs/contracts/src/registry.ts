import { z } from 'zod';
import { limits } from './limits';
import { measure } from './measure';
import { strict } from './strict';

/** Registered models: a name has versions, each of which is the model of a trial, and aliases that point at versions. */

const time = z.iso.datetime();

export const registeredName = z
  .string()
  .max(64)
  .regex(
    /^[a-z0-9][a-z0-9._-]*$/i,
    'must consist of letters, digits, dots, dashes and underscores, and start with a letter or digit',
  );
/** A number would be a version. */
export const aliasName = z
  .string()
  .max(64)
  .regex(
    /^[a-z][a-z0-9._-]*$/i,
    'must consist of letters, digits, dots, dashes and underscores, and start with a letter',
  );
const version = z.int().min(1).max(limits.modelVersions);

export const versionBody = strict({
  trial: z.string().max(limits.trialName).describe('The trial whose model it is: an id, best, or SWEEP:best.'),
  note: z.string().max(limits.noteLength).default('').describe('What it is, for people.'),
  aliases: z.array(aliasName).max(limits.modelAliases).default([]).describe('Aliases that point at it from now on.'),
});
export type VersionBody = z.infer<typeof versionBody>;

export const aliasBody = strict({
  alias: aliasName.describe('Such as champion.'),
  version: version.describe('The version that it points at from now on.'),
});
export type AliasBody = z.infer<typeof aliasBody>;

export const modelVersionView = z.object({
  version: z.int().describe('From 1; a number is never used again, not even after its name was deleted.'),
  aliases: z.array(z.string()).describe('That point at it.'),
  trialId: z.string(),
  sweepId: z.string(),
  task: z.string(),
  dataset: z.string(),
  metric: z.string().describe('The objective of its sweep.'),
  value: measure.nullable().describe('Of that objective.'),
  note: z.string(),
  author: z.string().describe('Name of the member who registered it.'),
  createdAt: time,
});
export type ModelVersionView = z.infer<typeof modelVersionView>;

export const registeredModel = z.object({
  name: z.string(),
  createdAt: time,
  versions: z.array(modelVersionView).describe('Newest first.'),
});
export type RegisteredModel = z.infer<typeof registeredModel>;
