import { Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import { suggestion, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { Dataset } from '@unroll/database';
import { readVectorsHead, vectorsHead } from '@unroll/datasets';
import { initFromNames, withVectors } from '@unroll/search';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';

const refusal = (message: string, option = 'embedding'): ValidationError =>
  new ValidationError([{ path: `training.initFrom.${option}`, message }]);

/** The word vectors that a sweep's trials start from. */
@Injectable()
export class WordVectorsService {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(artifactStore) private readonly store: ArtifactStore,
  ) {}

  /**
   * The fingerprints of all word vectors in a sweep's space, by name, and its first trials with theirs.
   * @throws ValidationError for some that are not registered, or do not fit a trial
   */
  async check(
    caller: Caller,
    spec: SweepSpec,
    first: readonly TrialSpec[],
  ): Promise<{ vectors: Record<string, string>; ahead: TrialSpec[] }> {
    const vectors = await this.fingerprintsFor(caller, spec);
    await this.requireFitting(first, vectors);
    return { vectors, ahead: first.map((each) => withVectors(each, vectors)) };
  }

  private async fingerprintsFor({ teamId }: Caller, spec: SweepSpec): Promise<Record<string, string>> {
    const { vectors } = initFromNames(spec);
    if (vectors.length === 0) return {};
    const registered = await this.dataSource.getRepository(Dataset).findBy({ teamId });
    const prints = vectors.map((name) => {
      const found = registered.find((each) => each.name === name);
      if (!found) {
        const known = registered.filter(({ kind }) => kind === 'vectors').map((each) => each.name);
        const hint = suggestion(name, known) || '; first run "npx unroll dataset add NAME FILE --kind vectors"';
        throw refusal(`no word vectors ${name} are registered${hint}`);
      }
      if (found.kind !== 'vectors') throw refusal(`${name} is data of the kind ${found.kind}, not word vectors`);
      return [name, found.fingerprint] as const;
    });
    return Object.fromEntries(prints);
  }

  /** Refuses a trial whose word vectors are of another size than its embedding, or not those that it identifies. */
  private async requireFitting(
    trials: readonly TrialSpec[],
    fingerprints: Readonly<Record<string, string>>,
  ): Promise<void> {
    const widths = new Map<string, number>();
    for (const { training, model } of trials) {
      const { embedding: name, fingerprint } = training.initFrom ?? {};
      if (name === undefined) continue;
      const registered = fingerprints[name]!;
      if (fingerprint !== undefined && fingerprint !== registered)
        throw refusal(`is not that of ${name}, which is ${registered}; leave it out`, 'fingerprint');
      const width = widths.get(name) ?? (await this.widthOf(registered));
      widths.set(name, width);
      if (width !== model.embeddingSize)
        throw refusal(
          `${name} has vectors of ${width} numbers, not ${model.embeddingSize}; set model.embeddingSize: ${width}`,
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
