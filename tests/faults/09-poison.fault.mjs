import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { require, sweepOf, withFleet } from './support/fleet.mjs';

export const title = 'a poison trial: a segmentation fault, an endless loop, memory that runs out';

const preload = fileURLToPath(new URL('support/poison.cjs', import.meta.url));
const program = fileURLToPath(new URL('../../apps/cli/bin/unroll.mjs', import.meta.url));
const kinds = { 1001: /killed by SIGSEGV/, 1002: /made no progress for 2 s/, 1003: /out of memory with 1 lane/ };

export default () =>
  withFleet({}, async (fleet) => {
    await fleet.startApi();
    await fleet.startWorker({
      UNROLL_SLOTS: '3',
      UNROLL_STALL_SECONDS: '2',
      NODE_OPTIONS: `--require ${preload} --max-old-space-size=160`,
    });
    const said = [];
    const sweeps = [];
    for (const seed of Object.keys(kinds).map(Number))
      sweeps.push({
        seed,
        ...(await fleet.submit(
          sweepOf(1, 40, { training: { learningRate: 0.003 }, search: { seeds: [1, 2, seed, 3] } }),
        )),
      });
    for (const { id, seed } of sweeps) {
      const counts = await fleet.ended(id, 120);
      require(counts.completed === 3 && counts.failed === 1, `seed ${seed}: ${JSON.stringify(counts)}`);
      const [trial] = await fleet.query(
        `select id, seed, message from trials where sweep_id = $1 and state = 'failed'`,
        [id],
      );
      require(Number(trial.seed) === seed && kinds[seed].test(trial.message), `the reason is ${trial.message}`);
      const alone = await fleet.one(
        `select count(*)::integer from attempts where trial_id = $1 and state = 'failed' and lanes = 1`,
        [trial.id],
      );
      const all = await fleet.one(`select count(*)::integer from attempts where trial_id = $1`, [trial.id]);
      require(alone === 3, `${alone} crashes alone`);
      const { stdout } = spawnSync(process.execPath, [program, 'trial', 'show', trial.id], {
        encoding: 'utf8',
        env: { ...fleet.standardEnvironment, UNROLL_URL: fleet.url, NO_COLOR: '1' },
      });
      require(stdout.includes(trial.message), `unroll trial show does not say why:\n${stdout}`);
      if (seed !== 1003)
        require(stdout.includes(
          `about to go wrong with seed ${seed}`,
        ), `unroll trial show has no last lines:\n${stdout}`);
      said.push(`${trial.message} (${all} attempts, ${alone} alone)`);
    }
    return `failed with: ${said.join('; ')}; 9 neighbours and 3 sweeps completed`;
  });
