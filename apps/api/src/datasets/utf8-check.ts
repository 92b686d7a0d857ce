import { DatasetError } from '@unroll/datasets';

/** Checks that a text, which is read in parts, is valid UTF-8. */
export class Utf8Check {
  private readonly decoder = new TextDecoder('utf-8', { fatal: true });

  /** `what`: the text, at the beginning of a message. */
  constructor(private readonly what: string) {}

  /** @throws DatasetError */
  read(chunk: Buffer): void {
    this.attempt(() => this.decoder.decode(chunk, { stream: true }));
  }

  /** @throws DatasetError for a text that ends within a character */
  end(): void {
    this.attempt(() => this.decoder.decode());
  }

  private attempt(decode: () => unknown): void {
    try {
      decode();
    } catch {
      throw new DatasetError(`${this.what} is not valid UTF-8: convert it, for example with iconv`);
    }
  }
}
