import { require, requireNothingLost, sweepOf, until, withFleet } from './support/fleet.mjs';

export const title = 'a worker is stopped (SIGSTOP) past its lease, its trial finishes elsewhere, then it continues';

export default ({ full }) =>
  withFleet({ leaseSeconds: full ? 20 : 2 }, async (fleet) => {
    await fleet.startApi();
    const late = await fleet.startWorker();
    const { id } = await fleet.submit(sweepOf(4, full ? 3000 : 700));
    await until(
      'it runs',
      async () =>
        (await fleet.counts(id)).running > 0 && (await fleet.one(`select count(*)::integer from metric_chunks`)) > 0,
    );
    late.kill('SIGSTOP');
    // Its trainer is a separate process and runs to the end: it has results that the worker has not received yet.
    await fleet.startWorker();
    await fleet.ended(id, 180);
    await requireNothingLost(fleet, id, 4);
    const all = () =>
      fleet.one(`select md5(string_agg(t::text, '' order by t::text)) from (
      select row(trials.*)::text as t from trials union all select row(metric_chunks.*)::text from metric_chunks
      union all select row(attempts.*)::text from attempts) t`);
    const before = await all();
    late.kill('SIGCONT');
    const refusal = /late results were refused/;
    await until('the refusal is logged', () => refusal.test(late.log), 30);
    require((await all()) === before, 'the late worker wrote something');
    return `4 trials finished elsewhere; nothing of the late worker was written; it logged: ${refusal.exec(late.log)[0]}`;
  });
