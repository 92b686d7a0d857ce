import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';
import { temporaryFolder } from '../support/servers.cjs';

export const title = 'the disk is full at a checkpoint';

const load = createRequire(import.meta.url);
const mount = (folder) => execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder], { stdio: 'pipe' });
const unmount = (folder) => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });

export function skipped() {
  const folder = temporaryFolder();
  try {
    mount(folder);
    unmount(folder);
    return undefined;
  } catch {
    return 'a small disk of its own (tmpfs) needs root';
  }
}

export default ({ full }) => {
  const disk = temporaryFolder();
  mount(disk);
  const store = join(disk, 'artifacts');
  mkdirSync(store);
  const environment = { ARTIFACTS_URL: pathToFileURL(store).href, UNROLL_CHECKPOINT_UPDATES: '50' };
  return withFleet({ environment }, async (fleet) => {
    try {
      await fleet.startApi();
      const worker = await fleet.startWorker();
      const { id } = await fleet.submit(sweepOf(1, full ? 6000 : 2000));
      const named = () => fleet.one(`select checkpoint_update from trials`);
      await until('a checkpoint is named', async () => (await named()) > 0);
      const fill = join(disk, 'fill');
      for (let size = 2 ** 21; size >= 1; size = Math.floor(size / 2))
        try {
          for (;;) writeFileSync(fill, Buffer.alloc(size), { flag: 'a' });
        } catch {
          // Smaller pieces still fit.
        }
      const last = await until(
        'the same checkpoint stays the last',
        async () => {
          const before = await named();
          const points = await fleet.one(`select max(point) from metric_chunks, unnest(updates) as point`);
          return points > before + 200 && before;
        },
        60,
      );
      process.kill((await fleet.trainers())[0], 'SIGKILL');
      await until(
        'the trial has a second attempt',
        async () => (await fleet.one(`select count(*)::integer from attempts`)) > 1,
      );
      const from = await fleet.one(`select max(resumed_from) from attempts`);
      const { readCheckpoint } = load('../../dist/libs/training/src/index.js');
      const states = readdirSync(store, { recursive: true }).filter((file) => file.endsWith('.state'));
      for (const file of states) readCheckpoint(readFileSync(join(store, file)));
      rmSync(fill);
      await fleet.ended(id, 120);
      await requireNothingLost(fleet, id, 1);
      require(from >= last && from > 0, `continued from ${from} instead of ${last}`);
      void worker;
      return `continued from update ${from}, the last checkpoint before the disk was full; ${states.length} complete states on the disk`;
    } finally {
      for (const running of fleet.processes) running.kill();
      unmount(disk);
    }
  });
};
