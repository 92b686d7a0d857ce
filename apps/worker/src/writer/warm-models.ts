import { ArtifactMissing, type ArtifactStore } from '@unroll/artifacts';
import { readModel, type Model } from '@unroll/training';

/** Bytes of the models that are kept, and of one that is read at all. */
const mostKept = 256 * 2 ** 20;
const mostRead = 2 ** 30;

/** The models that were asked last, as long as there is room for them. */
export class WarmModels {
  private readonly kept = new Map<string, { model: Model; bytes: number }>();

  constructor(private readonly store: Pick<ArtifactStore, 'get'>) {}

  /** @throws Error with one line for a model that is gone, too large, or cannot be read */
  async open(name: string): Promise<Model> {
    const found = this.kept.get(name) ?? (await this.read(name));
    this.kept.delete(name);
    this.kept.set(name, found);
    let total = 0;
    for (const [each, { bytes }] of [...this.kept].reverse()) {
      total += bytes;
      if (total > mostKept) this.kept.delete(each);
    }
    return found.model;
  }

  private async read(name: string): Promise<{ model: Model; bytes: number }> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of await this.get(name)) {
      bytes += (chunk as Buffer).length;
      if (bytes > mostRead) throw new Error(`the model has more than ${mostRead / 2 ** 30} GiB: use unroll generate`);
      chunks.push(chunk as Buffer);
    }
    return { model: readModel(Buffer.concat(chunks)), bytes };
  }

  private async get(name: string) {
    return this.store.get(name).catch((error: unknown) => {
      throw error instanceof ArtifactMissing ? new Error('the model of this trial is no longer stored') : error;
    });
  }
}
