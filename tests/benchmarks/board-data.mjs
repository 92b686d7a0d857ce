// Data for leaderboards: sweeps with trials, their curves and their rows on boards, made by the server itself. The same sizes give the same
// rows. All but one of ten sweeps have one seed; the last has five.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const metric = 'validation.bitsPerToken';
const cells = ['rnn', 'gru', 'lstm'];
const widths = [32, 64, 128];

function specs(name, trials, repeats) {
  const { sweepSpec } = require('../../dist/libs/contracts/src/index.js');
  const { comparisonKey, fusionSignature, propose } = require('../../dist/libs/search/src/index.js');
  const spec = sweepSpec.parse({
    name,
    dataset: 'typescript-declarations',
    task: 'language-model',
    model: { cell: { choice: cells }, hiddenSize: { choice: widths } },
    training: { learningRate: { logUniform: [1e-4, 1e-1] } },
    search: { trials: trials / repeats, repeats },
  });
  const { spec: trial } = propose(spec, 0);
  const marked = {
    ...trial,
    model: { ...trial.model, cell: '@cell', hiddenSize: '@hidden' },
    training: { ...trial.training, learningRate: '@rate', seed: '@seed' },
  };
  const print = 'fingerprint';
  return {
    spec,
    template: JSON.stringify(marked),
    comparisonKey: comparisonKey(trial, print),
    signature: fusionSignature(trial, print),
    print,
  };
}

/** One sweep: 9 of 10 trials have a value, in steps of 0.001, so that many are equal. */
async function writeSweep(client, number, trials, points) {
  const repeats = number % 10 === 9 ? 5 : 1;
  const { spec, template, comparisonKey, signature, print } = specs(`bench ${number}`, trials, repeats);
  const id = `bench${String(number).padStart(3, '0')}`;
  const objective = { metric, goal: 'minimize', use: 'best' };
  await client.query(
    `insert into sweeps (id, name, state, spec, objective, datasets, configurations, total, proposed, created_at, finished_at, running_since)
     values ($1, $2, 'completed', $3, $4, '{}', $5, $6, $6, timestamptz '2026-01-01' + make_interval(hours => $7), clock_timestamp(), null)`,
    [id, spec.name, JSON.stringify(spec), objective, trials / repeats, trials, number],
  );
  await client.query(`select setseed($1)`, [((number * 37) % 100) / 100]);
  await client.query(
    `insert into trials (id, sweep_id, number, configuration, seed, state, parameters, spec, signature, comparison_key, dataset_fingerprint,
       value, metrics, updates, seconds, engine, lanes, started_at, finished_at)
     select $2 || lpad(to_hex(n), 5, '0'), $1, n, n / $4, n % $4, state,
            jsonb_build_object('model.cell', cell, 'model.hiddenSize', hidden, 'training.learningRate', rate),
            replace(replace(replace(replace($5, '"@cell"', to_json(cell)::text), '"@hidden"', hidden::text), '"@rate"', rate::text),
              '"@seed"', (n % $4)::text)::json,
            $6, $7, $8, case when state in ('completed', 'pruned') then value end,
            case when state in ('completed', 'pruned')
              then jsonb_build_object('${metric}', value, 'validation.loss', value * 0.693, 'train.loss', value * 0.6) else '{}' end,
            case state when 'completed' then 1000 else 1 + (1000 * r4)::integer end, round((2 + 10 * r5)::numeric, 3), 'native', 16,
            timestamptz '2026-01-01' + make_interval(secs => n), timestamptz '2026-01-01' + make_interval(secs => n + 10 * r5)
     from (
       select n, cell, hidden, rate, r4, r5, round((1.5 + abs(log(rate / 0.003)) + case cell when 'gru' then 0 when 'lstm' then 0.1 else 0.5 end
                + 8.0 / hidden + 0.3 * r6)::numeric, 3)::double precision as value,
              case when r7 < 0.7 then 'completed' when r7 < 0.92 then 'pruned' when r7 < 0.96 then 'diverged' else 'failed' end as state
       from (
         select n, (array['rnn', 'gru', 'lstm'])[1 + floor(3 * first_value(r1) over same)::integer] as cell,
                (array[32, 64, 128])[1 + floor(3 * first_value(r2) over same)::integer] as hidden,
                power(10, -4 + 3 * first_value(r3) over same) as rate, r4, r5, r6, r7
         from (select n, random() r1, random() r2, random() r3, random() r4, random() r5, random() r6, random() r7
               from generate_series(0, $3 - 1) n) drawn
         window same as (partition by n / $4 order by n)
       ) configured
     ) valued order by n`,
    [id, id.slice(5), trials, repeats, template, signature, comparisonKey, print],
  );
  await client.query(
    `insert into metric_chunks (trial_id, name, first_update, updates, values)
     select id, '${metric}', 20, $2::integer[], array(select value + exp(-place / 8.0) from unnest($2::integer[]) with ordinality as at (update, place))
     from trials where sweep_id = $1 and value is not null`,
    [id, Array.from({ length: points }, (_, index) => 20 * (index + 1))],
  );
  await client.query(
    `insert into boards (sweep_id, comparison_key, objective, metric, goal, dataset, fingerprint, reading, task, tokens)
     select sweep_id, comparison_key, 'minimize ${metric}', '${metric}', 'minimize', 'typescript-declarations', $2,
            (spec -> 'dataset')::jsonb - 'name', 'language-model', 'character' from trials where sweep_id = $1 limit 1`,
    [id, print],
  );
  await client.query(
    `insert into configurations (sweep_id, configuration, comparison_key, objective, cell, parameters, score, deviation, repeats, best_trial,
       state, metrics, updates, seconds, finished_at)
     select sweep_id, configuration, comparison_key, 'minimize ${metric}', parameters ->> 'model.cell', parameters, mean, deviation, repeats, id,
            state, metrics, updates, seconds, finished_at
     from (select *, avg(value) over same as mean, stddev_samp(value) over same as deviation, count(value) over same as repeats,
                  row_number() over (partition by configuration order by value, number) as place
           from trials where sweep_id = $1 and value is not null window same as (partition by configuration)) ranked
     where place = 1 order by configuration`,
    [id],
  );
}

/**
 * Fills an empty database of the current schema with so many trials, in ten sweeps or in sweeps of 100,000, and with so many points
 * of each trial's curve.
 */
export async function fillBoards(client, trials, points, say = () => undefined) {
  const sweeps = Math.max(10, Math.ceil(trials / 100_000));
  const each = Math.ceil(trials / sweeps / 5) * 5;
  // Rows come as triggers would have made them; a million times through them is another bench.
  await client.query(`set session_replication_role = replica`);
  await client.query(`set synchronous_commit = off`);
  for (let number = 0; number < sweeps; number += 1) {
    await writeSweep(client, number, each, points);
    say(`${(number + 1) * each} trials`);
  }
  await client.query(`set session_replication_role = origin`);
  await client.query('vacuum analyze');
  return { sweeps, trials: sweeps * each, points: sweeps * each * points };
}
