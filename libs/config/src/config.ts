import { parseLabels, suggestion, validate, ValidationError, type Labels } from '@unroll/contracts';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { ConfigError } from './config-error';
import { nodeProblem } from './version';

const url = (protocols: readonly string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol), {
    error: `must be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });

/** Whether a URL, or the endpoint that it names, contains a user name or a password. */
function credentialsIn(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { username, password, searchParams } = new URL(text);
  return username !== '' || password !== '' || credentialsIn(searchParams.get('endpoint') ?? '');
}

/** Fewest different characters of a key, and of the pieces that a key may repeat. */
const fewestDifferent = 8;

/** Whether a key has few different characters, or consists of them in order, as 0123456789abcdef does. */
function isGuessable(key: string): boolean {
  const codes = Array.from(key, (character) => character.charCodeAt(0));
  const steps = codes.slice(1).map((code, index) => code - codes[index]!);
  const regular = steps.filter((step) => Math.abs(step) <= 1).length;
  return new Set(codes).size < fewestDifferent || regular > steps.length / 2;
}

/** A key that cannot be guessed. */
const key = z
  .string()
  .min(16, 'needs at least 16 characters')
  .regex(/^[\x21-\x7e]*$/, 'must consist of printable characters without spaces')
  .refine((text) => text.length < 16 || !isGuessable(text), {
    error: 'is easy to guess: generate one, for example with openssl rand -base64 24',
  })
  .optional();

const variables = z.object({
  DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  DATABASE_DIRECT_URL: url(['postgres:', 'postgresql:']).optional(),
  REDIS_URL: url(['redis:', 'rediss:']).optional(),
  ARTIFACTS_URL: url(['file:', 's3:'])
    .refine((text) => !URL.canParse(text) || new URL(text).protocol !== 'file:' || new URL(text).host === '', {
      error: 'must be an absolute path with three slashes: file:///folder',
    })
    .refine((text) => !URL.canParse(text) || new URL(text).protocol !== 's3:' || new URL(text).host !== '', {
      error: 'must name a bucket: s3://bucket/prefix',
    })
    .refine((text) => !credentialsIn(text), {
      error:
        'must not contain a user name or password, which every process list would show: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    })
    .optional(),
  UNROLL_KEY: key,
  UNROLL_HOST: z.string().min(1).default('127.0.0.1'),
  UNROLL_PORT: z.coerce.number().int().min(0).max(65_535).default(4000),
  UNROLL_DATA: z.string().min(1).default('.unroll'),
  UNROLL_DATASETS_GB: z.coerce.number().gt(0).max(1_000_000).default(100),
  UNROLL_CACHE_GB: z.coerce.number().gt(0).max(1_000_000).default(50),
  UNROLL_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
  UNROLL_ENGINE: z.string().min(1).default('auto'),
  UNROLL_LANES: z.coerce.number().int().min(1).max(1024).optional(),
  UNROLL_SLOTS: z.coerce.number().int().min(1).max(64).default(1),
  UNROLL_LEASE_SECONDS: z.coerce.number().min(1).max(3600).default(20),
  UNROLL_STALL_SECONDS: z.coerce.number().min(1).max(86_400).default(120),
  UNROLL_PUBLIC_URL: url(['http:', 'https:']).optional(),
  OIDC_ISSUER: url(['http:', 'https:']).optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  UNROLL_WEBHOOK_NETWORKS: z
    .string()
    .regex(
      /^\s*[\da-fA-F.:]+\/\d{1,3}(\s*,\s*[\da-fA-F.:]+\/\d{1,3})*\s*$/,
      'must be networks such as 10.0.0.0/8, with commas between them',
    )
    .optional(),
  UNROLL_AUDIT_DAYS: z.coerce.number().min(1).max(36_500).optional(),
  UNROLL_DETAIL_DAYS: z.coerce.number().int().min(1).max(36_500).optional(),
  UNROLL_SHARE_HALF_LIFE_DAYS: z.coerce.number().min(0.01).max(366).default(7),
  UNROLL_CHECKPOINT_SECONDS: z.coerce.number().min(0.1).max(86_400).default(60),
  UNROLL_METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  UNROLL_LABELS: z
    .string()
    .transform((given, context) => {
      const parsed = parseLabels(given);
      if (parsed) return parsed;
      context.addIssue({ code: 'custom', message: 'must be labels such as gpu=a100, with commas between them' });
      return z.NEVER;
    })
    .optional(),
  UNROLL_EXIT_WHEN_IDLE: z.coerce.number().gt(0).max(31_536_000).optional(),
  UNROLL_MAX_TRIALS: z.coerce.number().int().min(1).max(1_000_000_000).optional(),
  UNROLL_MAX_TIME: z.coerce.number().gt(0).max(31_536_000).optional(),
  UNROLL_CHECKPOINT_UPDATES: z.coerce.number().int().min(1).max(100_000_000).optional(),
});

/** Variables that other programs of Unroll read. */
const foreign = [
  'UNROLL_URL',
  'UNROLL_GPU',
  'UNROLL_GPU_MEMORY',
  'UNROLL_ISA',
  'UNROLL_THREADS',
  'UNROLL_KERNELS',
  'UNROLL_SERVE_KEY',
];

/** Where people sign in without a key. */
export interface OpenIdConfig {
  issuer: string;
  clientId: string;
  /** Undefined for a client without one. */
  clientSecret: string | undefined;
  /** The address of the API as browsers know it, without a slash at its end. */
  publicUrl: string;
}

/** The configuration of a process, from its environment. */
export interface Config {
  databaseUrl: string;
  /**
   * Where PostgreSQL itself answers, if `databaseUrl` is that of a pooler whose connections change with each transaction; undefined:
   * `databaseUrl` is PostgreSQL's.
   */
  databaseDirectUrl: string | undefined;
  /** Undefined: the queue is stored in PostgreSQL. */
  redisUrl: string | undefined;
  /** Where data sets, models and checkpoints are stored. */
  artifactsUrl: string;
  key: string | undefined;
  host: string;
  port: number;
  /** Folder of the local stack. */
  dataFolder: string;
  /** Bytes that all registered data sets may have together. */
  datasetsBytes: number;
  /** Bytes of the data sets that a worker keeps on its disk. */
  cacheBytes: number;
  logLevel: string;
  engine: string;
  /** Most lanes per slot; undefined: as many as fit in memory. */
  lanes: number | undefined;
  slots: number;
  /** Seconds after which a claim that is not renewed expires. */
  leaseSeconds: number;
  /** Seconds without progress after which a trainer is killed. */
  stallSeconds: number;
  /** Undefined: everyone signs in with a key. */
  openId: OpenIdConfig | undefined;
  /** The address at which browsers reach the API, without a slash at its end; undefined if it is not known. */
  publicUrl: string | undefined;
  /** Networks beside the public ones to which webhooks may be sent, with commas between them. */
  webhookNetworks: string;
  /** Days for which the audit keeps its entries; undefined: for ever. */
  auditDays: number | undefined;
  /** Days after which curves of a sweep that has ended are thinned. */
  detailDays: number | undefined;
  /** Seconds after which use of the fleet counts half. */
  shareHalfLifeSeconds: number;
  /** Seconds, and updates if given, between two checkpoints of a trial. */
  checkpointSeconds: number;
  checkpointUpdates: number | undefined;
  /** Port on which a worker answers Prometheus; undefined: none. */
  metricsPort: number | undefined;
  /** Labels of a worker, which a sweep may require. */
  labels: Labels;
  /** Seconds without trials, number of trials and seconds after which a worker leaves; undefined: it stays. */
  exitWhenIdle: number | undefined;
  maxTrials: number | undefined;
  maxTime: number | undefined;
}

/** @throws ConfigError if some of the variables are there without the others */
function readOpenId({
  OIDC_ISSUER: issuer,
  OIDC_CLIENT_ID: clientId,
  OIDC_CLIENT_SECRET: clientSecret,
  UNROLL_PUBLIC_URL: publicUrl,
}: z.infer<typeof variables>): OpenIdConfig | undefined {
  if (issuer === undefined) {
    const dependent = { OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret };
    const [alone] = Object.entries(dependent).filter(([, value]) => value !== undefined);
    if (alone) throw new ConfigError(`${alone[0]}: has no effect without OIDC_ISSUER: set that too, or leave it out`);
    return undefined;
  }
  if (clientId === undefined)
    throw new ConfigError('OIDC_CLIENT_ID: is missing: the name under which the provider knows this installation');
  if (publicUrl === undefined)
    throw new ConfigError(
      'UNROLL_PUBLIC_URL: is missing: the address at which browsers reach the API, such as https://unroll.example.org',
    );
  return { issuer, clientId, clientSecret, publicUrl: publicUrl.replace(/\/+$/, '') };
}

/**
 * Parses the environment.
 * @throws ConfigError for an unknown UNROLL_ variable, an invalid value, or a missing DATABASE_URL if `needsDatabase`
 */
export function readConfig(environment: NodeJS.ProcessEnv, { needsDatabase = true } = {}): Config {
  const problem = nodeProblem();
  if (problem !== undefined) throw new ConfigError(problem);
  const known = [...Object.keys(variables.shape), ...foreign];
  for (const name of Object.keys(environment))
    if (name.startsWith('UNROLL_') && !known.includes(name))
      throw new ConfigError(`${name}: unknown variable${suggestion(name, known)}`);
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  let values: z.infer<typeof variables>;
  try {
    values = validate(variables, set);
  } catch (error) {
    if (error instanceof ValidationError) throw new ConfigError(error.message);
    throw error;
  }
  if (needsDatabase && !values.DATABASE_URL)
    throw new ConfigError('DATABASE_URL: is missing; set it to postgres://user:password@host/database');
  if (!values.DATABASE_URL && values.DATABASE_DIRECT_URL)
    throw new ConfigError(
      'DATABASE_DIRECT_URL: has no effect without DATABASE_URL: set that to the address of the pooler, or leave it out',
    );
  const dataFolder = resolve(values.UNROLL_DATA);
  return {
    databaseUrl: values.DATABASE_URL ?? '',
    databaseDirectUrl: values.DATABASE_DIRECT_URL,
    redisUrl: values.REDIS_URL,
    artifactsUrl: values.ARTIFACTS_URL ?? pathToFileURL(resolve(dataFolder, 'artifacts')).href,
    key: values.UNROLL_KEY,
    host: values.UNROLL_HOST,
    port: values.UNROLL_PORT,
    dataFolder,
    datasetsBytes: values.UNROLL_DATASETS_GB * 1e9,
    cacheBytes: values.UNROLL_CACHE_GB * 1e9,
    logLevel: values.UNROLL_LOG_LEVEL,
    engine: values.UNROLL_ENGINE,
    lanes: values.UNROLL_LANES,
    slots: values.UNROLL_SLOTS,
    leaseSeconds: values.UNROLL_LEASE_SECONDS,
    stallSeconds: values.UNROLL_STALL_SECONDS,
    openId: readOpenId(values),
    publicUrl: values.UNROLL_PUBLIC_URL?.replace(/\/+$/, ''),
    webhookNetworks: values.UNROLL_WEBHOOK_NETWORKS ?? '',
    auditDays: values.UNROLL_AUDIT_DAYS,
    detailDays: values.UNROLL_DETAIL_DAYS,
    shareHalfLifeSeconds: values.UNROLL_SHARE_HALF_LIFE_DAYS * 86_400,
    checkpointSeconds: values.UNROLL_CHECKPOINT_SECONDS,
    checkpointUpdates: values.UNROLL_CHECKPOINT_UPDATES,
    metricsPort: values.UNROLL_METRICS_PORT,
    labels: values.UNROLL_LABELS ?? {},
    exitWhenIdle: values.UNROLL_EXIT_WHEN_IDLE,
    maxTrials: values.UNROLL_MAX_TRIALS,
    maxTime: values.UNROLL_MAX_TIME,
  };
}

/**
 * The key that requests to `unroll serve` must carry: UNROLL_SERVE_KEY; undefined for none. It is another than that of the API, since who
 * may ask a model need not be a member of a team.
 * @throws ConfigError for one that can be guessed
 */
export function servingKey({ UNROLL_SERVE_KEY: given }: NodeJS.ProcessEnv): string | undefined {
  try {
    return validate(z.object({ UNROLL_SERVE_KEY: key }), given ? { UNROLL_SERVE_KEY: given } : {}).UNROLL_SERVE_KEY;
  } catch (error) {
    throw new ConfigError((error as Error).message);
  }
}
