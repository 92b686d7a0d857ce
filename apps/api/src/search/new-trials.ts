import { countFolds, isStudy, withFingerprints, type SweepSpec } from '@unroll/contracts';
import type { NewTrial } from '@unroll/database';
import {
  comparisonKey,
  countSeeds,
  firstSeeds,
  fusionSignature,
  getObjective,
  studyKey,
  toTrials,
  type Configuration,
} from '@unroll/search';
import { trialFingerprint } from './trial-fingerprint';

/** The trials of a configuration, one per seed. `datasets`: the fingerprint of each data set of the sweep. */
export function newTrials(
  { teamId, spec, datasets }: { teamId: string; spec: SweepSpec; datasets: Record<string, string> },
  drawn: Configuration,
): NewTrial[] {
  const configuration = { ...drawn, spec: withFingerprints(drawn.spec, datasets) };
  const datasetFingerprint = trialFingerprint(configuration.spec, datasets);
  const isSplit = countFolds(spec) > 1;
  const [shared, key] = isStudy(spec)
    ? ['study', studyKey(spec, teamId)]
    : [
        fusionSignature(configuration.spec, datasetFingerprint),
        comparisonKey(configuration.spec, datasetFingerprint, { teamId, metric: getObjective(spec).metric }),
      ];
  const first = configuration.number * countSeeds(spec);
  return toTrials(spec, configuration).map((trial, index) => ({
    ...{ ...trial, number: first + index, held: index >= firstSeeds(spec) },
    signature: isSplit ? fusionSignature(trial.spec, datasetFingerprint) : shared,
    ...{ datasetFingerprint, comparisonKey: key },
  }));
}
