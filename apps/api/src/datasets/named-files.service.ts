import { Inject, Injectable } from '@nestjs/common';
import { datasetArtifactName, type ArtifactStore } from '@unroll/artifacts';
import { suggestion, tokenizerOf, ValidationError, type SweepSpec, type TrialSpec } from '@unroll/contracts';
import { Dataset } from '@unroll/database';
import { readVectorsHead, vectorsHead } from '@unroll/datasets';
import { initFromNames, tokenizerNames, withFingerprints } from '@unroll/search';
import { DataSource } from 'typeorm';
import type { Caller } from '../access/caller';
import { artifactStore } from '../artifacts/artifacts.provider';

const refusal = (path: string, message: string): ValidationError => new ValidationError([{ path, message }]);

/** What trials name beside their data: the kind, the option, and words for messages. */
const kinds = {
  vectors: { path: 'training.initFrom.embedding', what: 'word vectors', none: 'no word vectors', are: 'are' },
  tokenizer: { path: 'task.tokenizer', what: 'a tokenizer', none: 'no tokenizer', are: 'is' },
} as const;

/** The fingerprint that a trial gives must be that of the registered file. */
function requirePrint(given: string | undefined, registered: string, name: string, path: string): void {
  if (given !== undefined && given !== registered)
    throw refusal(`${path}.fingerprint`, `is not that of ${name}, which is ${registered}; leave it out`);
}

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
    const [vectors, tokenizers] = [initFromNames(spec).vectors, tokenizerNames(spec)];
    if (vectors.length + tokenizers.length === 0) return { files: {}, ahead: [...first] };
    const registered = await this.dataSource.getRepository(Dataset).findBy({ teamId: caller.teamId });
    const files = Object.fromEntries([
      ...vectors.map((name) => [name, fingerprintOf(registered, name, 'vectors')] as const),
      ...tokenizers.map((name) => [name, fingerprintOf(registered, name, 'tokenizer')] as const),
    ]);
    await this.requireFitting(first, files);
    return { files, ahead: first.map((each) => withFingerprints(each, files)) };
  }

  /** Refuses word vectors of another size than the embedding, and files that are not those that a trial identifies. */
  private async requireFitting(
    trials: readonly TrialSpec[],
    fingerprints: Readonly<Record<string, string>>,
  ): Promise<void> {
    const widths = new Map<string, number>();
    for (const { task, training, model } of trials) {
      const tokenizer = tokenizerOf({ task });
      if (tokenizer)
        requirePrint(tokenizer.fingerprint, fingerprints[tokenizer.name]!, tokenizer.name, 'task.tokenizer');
      const { embedding: name, fingerprint } = training.initFrom ?? {};
      if (name === undefined) continue;
      const registered = fingerprints[name]!;
      requirePrint(fingerprint, registered, name, 'training.initFrom');
      const width = widths.get(name) ?? (await this.widthOf(registered));
      widths.set(name, width);
      if (width !== model.embeddingSize)
        throw refusal(
          kinds.vectors.path,
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

/** @throws ValidationError for a file that is not registered, or of another kind */
function fingerprintOf(registered: readonly Dataset[], name: string, kind: keyof typeof kinds): string {
  const { path, what, none, are } = kinds[kind];
  const found = registered.find((each) => each.name === name);
  if (!found) {
    const known = registered.filter((each) => each.kind === kind).map((each) => each.name);
    const hint = suggestion(name, known) || `; first run "npx unroll dataset add NAME FILE --kind ${kind}"`;
    throw refusal(path, `${none} ${name} ${are} registered${hint}`);
  }
  if (found.kind !== kind) throw refusal(path, `${name} is data of the kind ${found.kind}, not ${what}`);
  return found.fingerprint;
}
