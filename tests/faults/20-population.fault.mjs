import { require, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title =
  'the worker of a population is killed between two rungs, then its trainer: others go on with the same turns, curves and schedules';

const members = 8;

/** The decisions and curves of a population, without ids. */
async function story(fleet, id) {
  const turns = await fleet.query(
    `select configuration, rung, score, decision, source, changed, why from verdicts where sweep_id = $1 order by rung, configuration`,
    [id],
  );
  const curves = await fleet.query(
    `select number, name, array_agg(point order by point) as updates, array_agg(measured order by point) as values
     from metric_chunks join trials on trials.id = trial_id, unnest(metric_chunks.updates, metric_chunks.values) as curve (point, measured)
     where sweep_id = $1 group by number, name order by number, name`,
    [id],
  );
  const trials = await fleet.query(
    `select number, state, value, parameters, drawn, spec -> 'training' as training from trials where sweep_id = $1 order by number`,
    [id],
  );
  return { turns, text: JSON.stringify({ turns, curves, trials }) };
}

export default async ({ full }) => {
  const updates = full ? 6000 : 1200;
  const spec = sweepOf(members, updates, {
    training: { reportEvery: updates / 8, learningRate: { logUniform: [1e-5, 1e-1] } },
    stopping: { rule: 'population', every: updates / 8, replaced: 0.25 },
  });
  return withFleet({ environment: { UNROLL_ENGINE: 'native', UNROLL_LANES: String(members) } }, async (fleet) => {
    await fleet.startApi();
    let worker = await fleet.startWorker();
    const whole = await fleet.submit(spec);
    await fleet.ended(whole.id, 300);
    const broken = await fleet.submit(spec);
    let kills = 0;
    for (const rung of [0, 3]) {
      await until(
        `it trains behind rung ${rung}`,
        () =>
          fleet.one(
            `select count(*) = ${members} from attempts join trials on trials.id = trial_id
             where sweep_id = $1 and attempts.state = 'running' and resumed_from = $2`,
            [broken.id, ((rung + 1) * updates) / 8],
          ),
        120,
      );
      if (rung === 0) worker.kill();
      else process.kill((await fleet.trainers()).at(-1), 'SIGKILL');
      kills += 1;
      if (rung === 0) worker = await fleet.startWorker();
    }
    const counts = await fleet.ended(broken.id, 300);
    require(counts.completed === members, `${members} trials should have completed: ${JSON.stringify(counts)}`);
    const [expected, found] = await Promise.all([whole.id, broken.id].map((id) => story(fleet, id)));
    const taken = found.turns.filter(({ decision }) => decision === 'exploit').length;
    require(taken > 0, 'no trial copied another');
    require(found.text === expected.text, 'the interrupted population decided otherwise');
    const { proposals, verdicts } = await fleet.call(`/v1/sweeps/${broken.id}/replay`);
    require(proposals.different + verdicts.different ===
      0, `the replay differs: ${JSON.stringify({ proposals, verdicts })}`);
    const lost = await fleet.one(
      `select count(*)::integer from attempts join trials on trials.id = trial_id where sweep_id = $1 and attempts.state in ('lost', 'failed')`,
      [broken.id],
    );
    require(lost >= kills, `${lost} attempts were lost in ${kills} kills`);
    const decisions = `${found.turns.length} decisions, ${taken} exploits`;
    return `${decisions}; after ${kills} kills (${lost} attempts lost) all equal bit for bit, and the replay too`;
  });
};
