import { Buffer } from 'node:buffer';
import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title =
  'a trainer, then a worker, is killed in the middle of a trial, which continues in another process with other neighbours';

/** A trial's curve, and its weights without the header, which contains the trial's id. */
async function outcome(fleet, trialId) {
  const { series } = await fleet.call(`/v1/trials/${trialId}/metrics?maxPoints=100000`);
  const response = await fetch(`${fleet.url}/v1/trials/${trialId}/checkpoint`, {
    headers: { authorization: `Bearer ${fleet.key}` },
  });
  const file = Buffer.from(await response.arrayBuffer());
  return {
    curve: JSON.stringify(series),
    weights: file.subarray(8 + Number(file.readBigUInt64LE(0))).toString('base64'),
  };
}

async function onEngine(engine, updates, interval) {
  const environment = { UNROLL_ENGINE: engine, UNROLL_CHECKPOINT_UPDATES: String(interval) };
  return withFleet({ environment }, async (fleet) => {
    await fleet.startApi();
    let worker = await fleet.startWorker();
    const rate = (...rates) =>
      sweepOf(rates.length, updates, {
        training: { learningRate: { grid: rates }, reportEvery: 7 },
        search: { algorithm: 'grid', trials: undefined },
      });
    const whole = await fleet.submit(rate(0.003));
    await fleet.ended(whole.id, 300);
    const broken = await fleet.submit(rate(0.003, 0.01, 0.03));
    let redone = 0;
    for (const victim of ['worker', 'trainer']) {
      const at = victim === 'worker' ? updates / 3 : (2 * updates) / 3;
      const { done } = await until(
        `${victim} can be killed at update ${at}`,
        async () => {
          const [row] = await fleet.query(
            `select max(point) as done from trials join metric_chunks on trial_id = trials.id, unnest(metric_chunks.updates) as point
           where sweep_id = $1 and number = 0 and state = 'running'`,
            [broken.id],
          );
          return row.done >= at && row;
        },
        120,
      );
      if (victim === 'worker') worker.kill();
      else process.kill((await fleet.trainers()).at(-1), 'SIGKILL');
      if (victim === 'worker') worker = await fleet.startWorker();
      const { resumed_from: from } = await until(
        'the trial continues',
        async () => {
          const rows = await fleet.query(
            `select resumed_from from attempts join trials on trials.id = trial_id
             where sweep_id = $1 and number = 0 order by attempts.started_at`,
            [broken.id],
          );
          return rows.length > (victim === 'worker' ? 1 : 2) && rows.at(-1);
        },
        60,
      );
      redone = Math.max(redone, done - from);
    }
    await fleet.ended(broken.id, 300);
    await requireNothingLost(fleet, broken.id, 3);
    const [expected, found] = await Promise.all(
      [whole.id, broken.id].map(async (id) =>
        outcome(fleet, await fleet.one(`select id from trials where sweep_id = $1 and number = 0`, [id])),
      ),
    );
    require(found.curve === expected.curve, `${engine}: the curve differs`);
    require(found.weights === expected.weights && found.weights.length > 1000, `${engine}: the weights differ`);
    // Between the last report and the kill there may have been a few more updates, which no row records.
    require(redone <= interval + 7, `${engine}: ${redone} updates were repeated, with an interval of ${interval}`);
    const repeated = `at most ${Math.max(0, redone)} updates of ${updates} repeated (interval ${interval})`;
    return `${engine}: curve and weights equal bit for bit, ${repeated}`;
  });
}

export default async ({ full }) => {
  const engines = full ? ['native', 'cpu'] : ['native'];
  const said = [];
  for (const engine of engines)
    said.push(await onEngine(engine, engine === 'cpu' ? 120 : full ? 6000 : 600, engine === 'cpu' ? 10 : 100));
  return said.join('; ');
};
