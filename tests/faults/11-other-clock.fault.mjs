import { fileURLToPath } from 'node:url';
import { require, requireNothingLost, sweepOf, withFleet } from './support/fleet.mjs';

export const title = "one worker's clock is ten minutes fast, another's ten minutes slow, and the API's an hour fast";

const preload = fileURLToPath(new URL('support/other-clock.cjs', import.meta.url));
const off = (minutes) => ({ NODE_OPTIONS: `--require ${preload}`, OTHER_CLOCK_MS: String(minutes * 60_000) });

export default ({ full }) =>
  withFleet({ leaseSeconds: full ? 3 : 1 }, async (fleet) => {
    const trials = full ? 64 : 16;
    await fleet.startApi(off(60));
    await Promise.all([fleet.startWorker(off(10)), fleet.startWorker(off(-10))]);
    const { id } = await fleet.submit(sweepOf(trials, full ? 2500 : 500));
    await fleet.ended(id, 300);
    await requireNothingLost(fleet, id, trials);
    const attempts = await fleet.one(`select count(*)::integer from attempts`);
    const workers = await fleet.one(`select count(distinct worker_id)::integer from attempts`);
    const longest = await fleet.one(
      `select max(extract(epoch from finished_at - started_at))::double precision from attempts`,
    );
    require(attempts === trials && workers === 2, `${attempts} attempts by ${workers} workers for ${trials} trials`);
    require(longest > (full ? 3 : 1), `the longest attempt, ${longest} s, was shorter than its lease`);
    const longestOfAll = `the longest ${longest.toFixed(1)} s with a lease of ${full ? 3 : 1} s`;
    return `${trials} results by ${attempts} attempts of 2 workers, ${longestOfAll}: none reaped early`;
  });
