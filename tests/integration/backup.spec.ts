import { datasetArtifactName, openArtifacts } from '@unroll/artifacts';
import { claimTrials, commitWork, dataSourceOptions, schemaIsCurrent, type SavedDatabase } from '@unroll/database';
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DataSource } from 'typeorm';
import { restore, save } from '../../apps/api/src/backup/backup';
import { attemptWork, claimant, completed } from '../support/attempts';
import { createDatabase, revertBefore, useDatabase } from '../support/database';
import { temporaryFolder } from '../support/servers.cjs';
import { smallSweep, writeSweep } from '../support/sweeps';

type SavedTable = SavedDatabase['tables'][number];

const dataSource = useDatabase();
const store = openArtifacts(pathToFileURL(temporaryFolder()).href);
const newFolder = (): string => mkdtempSync(join(temporaryFolder(), 'backup-'));
const quiet = (): undefined => undefined;
const model = 'models/trial/attempt/5.safetensors';

/** All rows of all tables that a backup has. */
async function contents(database: DataSource): Promise<Record<string, unknown>> {
  const tables = await database.query<{ name: string }[]>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename not in ('migrations', 'changes') order by 1`,
  );
  const rows = tables.map(({ name }) =>
    database.query(`select row_to_json(each)::text as row from ${name} each order by 1`),
  );
  return Object.fromEntries((await Promise.all(rows)).map((each, index) => [tables[index]!.name, each]));
}

async function restored(folder: string): Promise<{ database: DataSource; own: typeof store }> {
  const own = openArtifacts(pathToFileURL(newFolder()).href);
  const url = await createDatabase({ empty: true });
  await restore(url, own, folder, quiet);
  return { database: await new DataSource(dataSourceOptions(url)).initialize(), own };
}

describe('a backup', () => {
  let folder: string;

  beforeAll(async () => {
    await writeSweep(dataSource, smallSweep({ search: { trials: 3 } }));
    const [ended] = (await claimTrials(dataSource, claimant))!.trials;
    const curves = [{ name: 'validation.loss', updates: [1, 2, 3], values: [0.1, Infinity, NaN] }];
    await store.put(model, Buffer.from('weights'));
    await store.put('models/unnamed/attempt/5.safetensors', Buffer.from('of no row'));
    await commitWork(dataSource, [attemptWork(ended!, { curves, value: 0.1 + 0.2, end: { ...completed, model } })]);
    await store.put(datasetArtifactName('print'), Buffer.from('text'));
    await dataSource.query(
      `insert into datasets (name, kind, fingerprint, bytes, summary) values ('tiny', 'text', 'print', 4, '["\\\\t\\"quoted\\""]')`,
    );
    folder = newFolder();
    const figures = await save(dataSource.url, store, folder, quiet);
    expect(figures).toMatchObject({ artifacts: 2, missing: 0 });
  });

  it('restores every row and every artifact that a row names, and no other', async () => {
    const before = await contents(dataSource);
    const { database, own } = await restored(folder);
    expect(await contents(database)).toEqual(before);
    expect(await own.list('models')).toEqual([model]);
    expect(await text(await own.get(datasetArtifactName('print')))).toBe('text');
    // Rows that come later continue the sequences, and triggers are at work again.
    await database.query(`update trials set state = 'cancelled' where state = 'running'`);
    const [{ count }] = await database.query('select count(*)::integer as count from changes');
    expect(count).toBeGreaterThan(0);
    await database.destroy();
  });

  it('of an earlier version is migrated to this one', async () => {
    const older = newFolder();
    cpSync(folder, older, { recursive: true });
    const earlier = await new DataSource(dataSourceOptions(await createDatabase())).initialize();
    await revertBefore(earlier, 'DatasetSummary');
    const columns = await earlier.query<{ place: string }[]>(
      `select table_name || '.' || column_name as place from information_schema.columns where table_schema = 'public'`,
    );
    const applied = await earlier.query<{ name: string }[]>('select name from migrations');
    await earlier.destroy();
    const had = new Set(columns.map(({ place }) => place));
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    manifest.migrations = applied.map(({ name }) => name);
    manifest.tables = manifest.tables.flatMap(({ name, columns: own, rows }: SavedTable) => {
      const isOld = own.map((column) => had.has(`${name}.${column}`));
      const file = join(older, 'tables', `${name}.copy.gz`);
      const lines = gunzipSync(readFileSync(file)).toString().split('\n');
      const cut = (line: string): string =>
        line === ''
          ? ''
          : line
              .split('\t')
              .filter((_, place) => isOld[place])
              .join('\t');
      writeFileSync(file, gzipSync(lines.map(cut).join('\n')));
      return isOld.includes(true) ? [{ name, columns: own.filter((_, place) => isOld[place]), rows }] : [];
    });
    writeFileSync(join(older, 'manifest.json'), JSON.stringify(manifest));
    const { database } = await restored(older);
    expect(await schemaIsCurrent(database)).toBe(true);
    expect(await database.query('select name, summary from datasets')).toEqual([{ name: 'tiny', summary: [] }]);
    await database.destroy();
  });

  it.each<[string, (manifest: any) => void, RegExp]>([
    ['of a newer version', ({ migrations }) => migrations.push('Later9999999999999'), /by a newer version of Unroll/],
    ['of another format', (manifest) => (manifest.format = 2), /restore it with that version$/],
    ['with a table that is cut short', ({ tables }) => (tables[0].rows += 1), /has \d+ rows instead of \d+$/],
  ])('%s is refused, and nothing is written', async (_, change, message) => {
    const other = newFolder();
    cpSync(folder, other, { recursive: true });
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    change(manifest);
    writeFileSync(join(other, 'manifest.json'), JSON.stringify(manifest));
    const url = await createDatabase();
    await expect(restore(url, openArtifacts(pathToFileURL(newFolder()).href), other, quiet)).rejects.toThrow(message);
    const database = await new DataSource(dataSourceOptions(url)).initialize();
    expect(await database.query('select id from sweeps')).toEqual([]);
    await database.destroy();
  });

  it('is refused where people have begun to work, though without a sweep', async () => {
    const url = await createDatabase();
    const database = await new DataSource(dataSourceOptions(url)).initialize();
    await database.query(`insert into members (id, team_id, name, role) values ('ada', 'local', 'Ada', 'viewer')`);
    await expect(restore(url, store, folder, quiet)).rejects.toThrow(
      /^the database has members: restore into an empty one$/,
    );
    expect(await database.query('select name from members order by name')).toEqual([
      { name: 'Ada' },
      { name: 'local' },
    ]);
    await database.destroy();
  });

  it('is refused where there are sweeps, into a folder that is not empty, and from one that is none', async () => {
    await expect(restore(dataSource.url, store, folder, quiet)).rejects.toThrow(/^the database has sweeps/);
    await expect(save(dataSource.url, store, folder, quiet)).rejects.toThrow(/is not empty: name a new folder$/);
    await expect(restore(dataSource.url, store, newFolder(), quiet)).rejects.toThrow(/has no manifest.json$/);
  });
});
