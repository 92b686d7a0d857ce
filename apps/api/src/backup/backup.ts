import { ArtifactMissing, datasetArtifactName, openArtifacts, type ArtifactStore } from '@unroll/artifacts';
import { version } from '@unroll/config';
import { BackupRefused, restoreDatabase, saveDatabase, type SavedDatabase } from '@unroll/database';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { createGunzip, createGzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';

/** The version of this format. */
const format = 1;

/** `manifest.json` of a backup. It is written last: a folder without one is no backup. */
interface Manifest extends SavedDatabase {
  format: typeof format;
  version: string;
  takenAt: string;
  artifacts: string[];
}

export interface Figures {
  rows: number;
  artifacts: number;
  /** Checkpoints that were superseded while the backup was taken, or are missing from it: their trials start over. */
  missing: number;
  version: string;
}

/** Called with what is being done. */
type Report = (text: string) => void;

const tableFile = (folder: string, name: string): string => join(folder, 'tables', `${name}.copy.gz`);
const storeIn = (folder: string): ArtifactStore => openArtifacts(pathToFileURL(join(folder, 'artifacts')).href);
const countRows = ({ tables }: SavedDatabase): number => tables.reduce((sum, { rows }) => sum + rows, 0);

/** Saves the database, and the artifacts that its rows name, to a folder. @throws BackupRefused */
export async function save(url: string, store: ArtifactStore, folder: string, report: Report): Promise<Figures> {
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) throw new BackupRefused(`${folder} is not empty: name a new folder`);
  await mkdir(join(folder, 'tables'));
  const takenAt = new Date().toISOString();
  let figures: Figures | undefined;
  const write = (name: string, rows: Readable): Promise<void> => {
    report(`table ${name}`);
    return pipeline(rows, createGzip(), createWriteStream(tableFile(folder, name), { mode: 0o600, flush: true }));
  };
  await saveDatabase(url, write, async (saved, artifacts, fingerprints) => {
    const names = [...fingerprints.map(datasetArtifactName), ...artifacts];
    const copied = await copyArtifacts(store, storeIn(folder), names, report);
    const manifest: Manifest = { format, version, takenAt, ...saved, artifacts: copied };
    await writeFile(join(folder, 'manifest.draft'), JSON.stringify(manifest, null, 2), { mode: 0o600, flush: true });
    await rename(join(folder, 'manifest.draft'), join(folder, 'manifest.json'));
    figures = { rows: countRows(saved), artifacts: copied.length, missing: names.length - copied.length, version };
  });
  return figures!;
}

/** Copies objects; returns the names of those that exist. */
async function copyArtifacts(
  from: ArtifactStore,
  to: ArtifactStore,
  names: readonly string[],
  report: Report,
): Promise<string[]> {
  const copied: string[] = [];
  for (const [index, name] of names.entries()) {
    report(`artifact ${index + 1} of ${names.length}`);
    try {
      await to.put(name, await from.get(name));
      copied.push(name);
    } catch (error) {
      if (!(error instanceof ArtifactMissing)) throw error;
    }
  }
  return copied;
}

async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => {
    throw new BackupRefused(`${folder} is no complete backup: it has no manifest.json`);
  });
  const manifest = JSON.parse(text) as Manifest;
  if (manifest.format !== format)
    throw new BackupRefused(`${folder} was written by Unroll ${manifest.version}: restore it with that version`);
  return manifest;
}

/** Restores a backup to an empty database and a store. @throws BackupRefused; nothing is written then */
export async function restore(url: string, store: ArtifactStore, folder: string, report: Report): Promise<Figures> {
  const manifest = await readManifest(folder);
  let copied: string[] = [];
  await restoreDatabase(
    url,
    manifest,
    async () => void (copied = await copyArtifacts(storeIn(folder), store, manifest.artifacts, report)),
    (name, rows) => {
      report(`table ${name}`);
      return pipeline(createReadStream(tableFile(folder, name)), createGunzip(), rows);
    },
  );
  const missing = manifest.artifacts.length - copied.length;
  return { rows: countRows(manifest), artifacts: copied.length, missing, version: manifest.version };
}
