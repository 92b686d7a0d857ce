import { resolve } from 'node:path';
import { readConfig } from './config';
import { ConfigError } from './config-error';

const database = 'postgres://unroll:secret@localhost/unroll';
const refusal = (environment: NodeJS.ProcessEnv): string => {
  try {
    readConfig({ DATABASE_URL: database, ...environment });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('the environment', () => {
  it('needs a database only; everything else has a default', () => {
    expect(readConfig({ DATABASE_URL: database })).toEqual({
      databaseUrl: database,
      datasetsBytes: 100e9,
      cacheBytes: 50e9,
      redisUrl: undefined,
      artifactsUrl: `file://${resolve('.unroll/artifacts')}`,
      key: undefined,
      host: '127.0.0.1',
      port: 4000,
      dataFolder: resolve('.unroll'),
      logLevel: 'info',
      engine: 'auto',
      lanes: undefined,
      slots: 1,
      labels: {},
      leaseSeconds: 20,
      stallSeconds: 120,
      detailDays: undefined,
      shareHalfLifeSeconds: 604_800,
      webhookNetworks: '',
      checkpointSeconds: 60,
      checkpointUpdates: undefined,
    });
  });

  it('is refused without a database, unless none is needed', () => {
    expect(() => readConfig({})).toThrow(
      new ConfigError('DATABASE_URL: is missing; set it to postgres://user:password@host/database'),
    );
    expect(() => readConfig({ DATABASE_URL: '' })).toThrow(ConfigError);
    expect(readConfig({}, { needsDatabase: false }).databaseUrl).toBe('');
  });

  it('may contain foreign variables, and those of other programs of Unroll', () => {
    expect(refusal({ PATH: '/bin', UNROLLED: 'x', UNROLL_URL: 'http://localhost' })).toBe('');
  });

  it('is refused with an unknown UNROLL_ variable, and a suggestion if one is similar', () => {
    expect(refusal({ UNROLL_PROT: '1' })).toBe('UNROLL_PROT: unknown variable; did you mean UNROLL_PORT?');
    expect(refusal({ UNROLL_LEASE: '1' })).toMatch(/^UNROLL_LEASE: unknown variable/);
    expect(refusal({ UNROLL_PROT: '' })).toMatch(/^UNROLL_PROT: unknown variable/);
  });

  it.each([
    [{ DATABASE_URL: 'localhost:5432' }, 'DATABASE_URL: must be a URL that starts with postgres:// or postgresql://'],
    [{ DATABASE_URL: 'mysql://a/b' }, 'DATABASE_URL: must be a URL that starts with postgres:// or postgresql://'],
    [{ REDIS_URL: 'http://a' }, 'REDIS_URL: must be a URL that starts with redis:// or rediss://'],
    [{ ARTIFACTS_URL: '/data' }, 'ARTIFACTS_URL: must be a URL that starts with file:// or s3://'],
    [
      { ARTIFACTS_URL: 'file://data/artifacts' },
      'ARTIFACTS_URL: must be an absolute path with three slashes: file:///folder',
    ],
    ...['s3://name:secret@bucket/prefix', 's3://bucket/prefix?endpoint=https://name:secret@host:9000'].map(
      (ARTIFACTS_URL): [Record<string, string>, string] => [
        { ARTIFACTS_URL },
        'ARTIFACTS_URL: must not contain a user name or password, which every process list would show: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
      ],
    ),
    [{ UNROLL_KEY: 'short' }, 'UNROLL_KEY: needs at least 16 characters'],
    ...['aaaaaaaaaaaaaaaaaaaa', 'abababababababababab', '12345678901234567890', 'abcdefghijklmnopqrstuvwxyz'].map(
      (UNROLL_KEY): [Record<string, string>, string] => [
        { UNROLL_KEY },
        'UNROLL_KEY: is easy to guess: generate one, for example with openssl rand -base64 24',
      ],
    ),
    [{ UNROLL_KEY: 'a key with blanks in it' }, 'UNROLL_KEY: must consist of printable characters without spaces'],
    [{ UNROLL_PORT: 'http' }, 'UNROLL_PORT: must be a number, not "http"'],
    [{ UNROLL_PORT: '65536' }, 'UNROLL_PORT: must be at most 65535, not "65536"'],
    [{ UNROLL_SLOTS: '0' }, 'UNROLL_SLOTS: must be at least 1, not "0"'],
    [{ UNROLL_CACHE_GB: '0' }, 'UNROLL_CACHE_GB: must be above 0, not "0"'],
    [{ UNROLL_LANES: '2.5' }, 'UNROLL_LANES: must be a whole number, not "2.5"'],
    [{ UNROLL_LEASE_SECONDS: 'Infinity' }, 'UNROLL_LEASE_SECONDS: must be a number, not "Infinity"'],
    [
      { OIDC_ISSUER: 'https://id.example.org' },
      'OIDC_CLIENT_ID: is missing: the name under which the provider knows this installation',
    ],
    [
      { OIDC_ISSUER: 'https://id.example.org', OIDC_CLIENT_ID: 'unroll' },
      'UNROLL_PUBLIC_URL: is missing: the address at which browsers reach the API, such as https://unroll.example.org',
    ],
    [
      { UNROLL_WEBHOOK_NETWORKS: '10.0.0.0' },
      'UNROLL_WEBHOOK_NETWORKS: must be networks such as 10.0.0.0/8, with commas between them',
    ],
    [{ OIDC_CLIENT_ID: 'x' }, 'OIDC_CLIENT_ID: has no effect without OIDC_ISSUER: set that too, or leave it out'],
    [{ UNROLL_LOG_LEVEL: 'loud' }, 'UNROLL_LOG_LEVEL: "loud" is not one of fatal, error, warn, info, debug, silent'],
  ])('is refused with an invalid value, in one line: %j', (environment, message) => {
    expect(refusal(environment)).toBe(message);
  });

  it('is never quoted with its secrets', () => {
    expect(refusal({ DATABASE_URL: 'http://me:hunter2@host/db' })).not.toContain('hunter2');
    expect(refusal({ UNROLL_KEY: 'hunter2' })).not.toContain('hunter2');
  });

  it('treats an empty variable as not set', () => {
    expect(readConfig({ DATABASE_URL: database, REDIS_URL: '', UNROLL_PORT: '', UNROLL_KEY: '' })).toMatchObject({
      redisUrl: undefined,
      port: 4000,
      key: undefined,
    });
  });

  it('is parsed to numbers and absolute paths', () => {
    const config = readConfig({
      DATABASE_URL: database,
      UNROLL_PORT: '0',
      UNROLL_LANES: '8',
      UNROLL_LABELS: 'gpu=a100,zone=eu',
      UNROLL_LEASE_SECONDS: '1.5',
      UNROLL_DATA: 'here now',
      ARTIFACTS_URL: 'file:///shared',
    });
    expect(config).toMatchObject({
      port: 0,
      lanes: 8,
      labels: { gpu: 'a100', zone: 'eu' },
      leaseSeconds: 1.5,
      dataFolder: resolve('here now'),
      artifactsUrl: 'file:///shared',
    });
    expect(readConfig({ DATABASE_URL: database, UNROLL_DATA: 'here now' }).artifactsUrl).toBe(
      `file://${resolve('.')}/here%20now/artifacts`,
    );
  });
});
