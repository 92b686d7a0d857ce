import { openArtifacts, checkpointName, datasetArtifactName, modelName } from '@unroll/artifacts';
import { claimTrials, commitWork, giveUpAttempts } from '@unroll/database';
import { pathToFileURL } from 'node:url';
import { ArtifactCollector } from '../../apps/api/src/scheduler/collect';
import { temporaryFolder } from '../support/servers.cjs';
import { useDatabase } from '../support/database';
import { attemptWork, claimant, completed } from '../support/attempts';
import { smallSweep, writeSweep } from '../support/sweeps';

const dataSource = useDatabase();

describe('unreferenced checkpoints', () => {
  it('are removed once two passes agree, unless a row names them or a running attempt may name them soon', async () => {
    const store = openArtifacts(pathToFileURL(temporaryFolder()).href);
    await writeSweep(dataSource, smallSweep({ search: { trials: 3 } }));
    const [ended, running, released] = (await claimTrials(dataSource, claimant))!.trials;
    const put = async (trial: typeof ended, update: number): Promise<string> => {
      const name = checkpointName(trial!.trialId, trial!.attemptId, update);
      await store.put(name, Buffer.from('x'));
      return name;
    };
    const weights = modelName(ended!.trialId, ended!.attemptId, 9);
    const leftover = modelName('deleted', 'deleted', 9);
    for (const name of [weights, leftover]) await store.put(name, Buffer.from('x'));
    await commitWork(dataSource, [attemptWork(ended!, { end: { ...completed, model: weights } })]);
    const orphan = await put(ended, 5);
    const unnamed = await put(running, 5);
    const named = await put(released, 5);
    const late = await put(released, 7);
    await commitWork(dataSource, [attemptWork(released!, { checkpoint: { name: named, update: 5 } })]);
    await dataSource.transaction((manager) =>
      giveUpAttempts(manager, [released!.attemptId], { state: 'released', message: 'shut down' }),
    );
    await store.put(checkpointName('deleted', 'deleted', 7), Buffer.from('x'));

    const collector = new ArtifactCollector(store);
    expect(await collector.collect(dataSource.manager)).toBe(0);
    expect(await collector.collect(dataSource.manager)).toBe(4);
    for (const name of [orphan, late, leftover]) expect(await store.exists(name)).toBe(false);
    expect(await store.list('checkpoints')).toEqual([named, unnamed].sort());
    expect(await store.list('models')).toEqual([weights]);
  });
});

describe('contents of data sets', () => {
  it('are removed once two passes agree that no data set has them', async () => {
    const store = openArtifacts(pathToFileURL(temporaryFolder()).href);
    for (const print of ['kept', 'registered-late', 'abandoned'])
      await store.put(datasetArtifactName(print), Buffer.from('x'));
    const register = (name: string): Promise<unknown> =>
      dataSource.query(`insert into datasets (name, kind, fingerprint, bytes) values ($1, 'text', $1, 1)`, [name]);
    await register('kept');
    const collector = new ArtifactCollector(store);
    expect(await collector.collect(dataSource.manager)).toBe(0);
    await register('registered-late');
    expect(await collector.collect(dataSource.manager)).toBe(1);
    expect(await store.list('datasets')).toEqual(['kept', 'registered-late'].map(datasetArtifactName));
  });
});
