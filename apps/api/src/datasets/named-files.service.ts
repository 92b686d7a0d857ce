import { Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import {
  fileOptions,
  namedFile,
  namedFiles,
  namesOf,
  suggestion,
  ValidationError,
  withFingerprints,
  type NamedFile,
  type SweepSpec,
  type TrialSpec,
} from '@unroll/contracts';
import { Dataset } from '@unroll/database';
import { readVectorsHead, vectorsHead } from '@unroll/datasets';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';

const refusal = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

/** The files that a sweep's trials name beside their data: word vectors and tokenizers. */
@Injectable()
export class NamedFilesService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  /**
   * The fingerprints of all such files in a sweep's space, by name, and its first trials with theirs.
   * @throws ValidationError for one that is not registered, or does not fit a trial
   */
  async check(
    caller: Caller,
    spec: SweepSpec,
    first: readonly TrialSpec[],
  ): Promise<{ files: Record<string, string>; ahead: TrialSpec[] }> {
    const named = fileOptions.flatMap((file) => namesOf(spec, file).map((name) => ({ ...file, name })));
    if (named.length === 0) return { files: {}, ahead: [...first] };
    const registered = await this.dataSource.getRepository(Dataset).findBy({ teamId: caller.teamId });
    const files = Object.fromEntries(named.map((file) => [file.name, fingerprintOf(registered, file)]));
    await this.requireFitting(first, files);
    return { files, ahead: first.map((each) => withFingerprints(each, files)) };
  }

  /** Refuses word vectors of another size than the embedding, and files that are not those that a trial identifies. */
  private async requireFitting(
    trials: readonly TrialSpec[],
    fingerprints: Readonly<Record<string, string>>,
  ): Promise<void> {
    const widths = new Map<string, number>();
    for (const spec of trials) {
      requirePrints(spec, fingerprints);
      const vectors = namedFile(spec, 'training.initFrom.embedding');
      if (!vectors) continue;
      const { option, name } = vectors;
      const { embeddingSize } = spec.model;
      const width = widths.get(name) ?? (await this.widthOf(fingerprints[name]!));
      widths.set(name, width);
      if (width !== embeddingSize)
        throw refusal(
          option,
          `${name} has vectors of ${width} numbers, not ${embeddingSize}; set model.embeddingSize: ${width}`,
        );
    }
  }

  private async widthOf(fingerprint: string): Promise<number> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of await this.store.get(datasetArtifactName(fingerprint))) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= vectorsHead) break;
    }
    return readVectorsHead(Buffer.concat(chunks).subarray(0, vectorsHead)).width;
  }
}

/** @throws ValidationError for a trial that gives another fingerprint than that of the registered file */
function requirePrints(spec: TrialSpec, registered: Readonly<Record<string, string>>): void {
  for (const { option, name, fingerprint } of namedFiles(spec)) {
    if (fingerprint === undefined || fingerprint === registered[name]) continue;
    const path = fileOptions.find((each) => each.option === option)!.fingerprint;
    throw refusal(path, `is not that of ${name}, which is ${registered[name]}; leave it out`);
  }
}

/** @throws ValidationError for a file that is not registered, or of another kind */
function fingerprintOf(
  registered: readonly Dataset[],
  { option, kind, name }: Pick<NamedFile, 'option' | 'kind' | 'name'>,
): string {
  const found = registered.find((each) => each.name === name);
  if (!found) {
    const known = registered.filter((each) => each.kind === kind).map((each) => each.name);
    const hint = suggestion(name, known) || `; first run "npx unroll dataset add NAME FILE --kind ${kind}"`;
    throw refusal(option, `no data of the kind ${kind} is registered as ${name}${hint}`);
  }
  if (found.kind !== kind) throw refusal(option, `${name} is data of the kind ${found.kind}, not ${kind}`);
  return found.fingerprint;
}
