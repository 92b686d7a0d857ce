// The claim as it was before fleets were shared: the statements of Unroll's commit f49377e4, for the benchmark `shares` alone.
const claimable = `state = 'pending' and not held`;

const lock = `select objective, spec -> 'stopping' as stopping, spec -> 'objectives' as objectives, concurrent_trials, (select max(timestamp) from migrations)::double precision as schema
     from sweeps where id = $1 and state = 'running' for no key update`;

const candidates = `select id from sweeps where state = 'running'
       and exists (select from trials where sweep_id = sweeps.id and ${claimable})
     order by created_at, id limit $1`;

const take = `with wanted as (
       select coalesce(
         (select signature from trials where sweep_id = $1 and ${claimable} and signature = $2 limit 1),
         (select signature from trials where sweep_id = $1 and ${claimable} order by number limit 1)) as signature
     ), bound as (
       select signature, least($3, coalesce(($5::jsonb ->> signature)::integer, $6)) as most from wanted
     ), locked as (
       select id, number, most_lanes, checkpoint_update from trials
       where sweep_id = $1 and ${claimable} and signature = (select signature from bound)
       order by most_lanes is not null, checkpoint_update * $7, number limit (select most from bound) for update skip locked
     ), abreast as (
       select *, first_value(checkpoint_update) over (order by most_lanes is not null, checkpoint_update * $7, number) as first_update
       from locked
     ), ranked as (
       select id, row_number() over places as place, min(coalesce(most_lanes, most)) over places as least
       from abreast cross join bound where checkpoint_update = first_update
       window places as (order by most_lanes is not null, number)
     ), taken as (
       select id from ranked where place <= least
     )
     update trials set state = 'running', started_at = coalesce(started_at, clock_timestamp()), engine = $4,
            lanes = (select count(*) from taken), value = null, metrics = '{}', updates = checkpoint_update, sample = null, message = null
     from taken where trials.id = taken.id
     returning trials.id, spec, signature, comparison_key, dataset_fingerprint, most_lanes, checkpoint, checkpoint_update, adopted`;

const cut = [
  `delete from metric_chunks using trials
     where trial_id = trials.id and trial_id = any($1) and first_update > checkpoint_update`,
  `delete from diagnostics using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
  `delete from samples using trials where trial_id = trials.id and trial_id = any($1) and update > checkpoint_update`,
  `delete from snapshots where trial_id = any($1)`,
  `with cut as (
       select trial_id, name, first_update,
              (select count(*)::integer from unnest(own.updates) as point where point <= checkpoint_update) as kept
       from metric_chunks own join trials on trials.id = trial_id
       where trial_id = any($1) and own.updates[array_length(own.updates, 1)] > checkpoint_update
     )
     update metric_chunks as chunk set updates = chunk.updates[1:kept], values = chunk.values[1:kept] from cut
     where chunk.trial_id = cut.trial_id and chunk.name = cut.name and chunk.first_update = cut.first_update`,
];

const begin = `insert into attempts (id, trial_id, state, worker_id, host, engine, group_id, lanes, lease_until, resumed_from)
     select attempt, trial, 'running', $3, $4, $5, $6, $7, clock_timestamp() + make_interval(secs => $8), checkpoint_update
     from unnest($1::text[], $2::text[]) as claimed (attempt, trial) join trials on trials.id = trial`;

function claimFrom(dataSource, { workerId, host, engine, lanes, leaseSeconds }, sweepId, signature, newId) {
  return dataSource.transaction(async (manager) => {
    const [sweep] = await manager.query(lock, [sweepId]);
    if (!sweep) return undefined;
    const [rows] = await manager.query(take, [sweepId, signature, null, engine, '{}', lanes, -1]);
    if (rows.length === 0) return undefined;
    const trials = rows.map(({ id }) => ({ attemptId: newId(), trialId: id }));
    const trialIds = trials.map(({ trialId }) => trialId);
    for (const statement of cut) await manager.query(statement, [trialIds]);
    const attemptIds = trials.map(({ attemptId }) => attemptId);
    await manager.query(begin, [attemptIds, trialIds, workerId, host, engine, newId(), rows.length, leaseSeconds]);
    return { sweepId, trials };
  });
}

/** Claims as Unroll did before. */
export async function claimBefore(dataSource, claimant, preference, newId) {
  if (preference) {
    const claim = await claimFrom(dataSource, claimant, preference.sweepId, preference.signature, newId);
    if (claim) return claim;
  }
  for (const { id } of await dataSource.query(candidates, [8])) {
    const claim = await claimFrom(dataSource, claimant, id, '', newId);
    if (claim) return claim;
  }
  return undefined;
}
