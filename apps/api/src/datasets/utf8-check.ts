import { DatasetError } from '@unroll/datasets';
import { isUtf8 } from 'node:buffer';

/** Checks that a text, which is read in parts, is valid UTF-8. Nothing is decoded: a text may have gigabytes. */
export class Utf8Check {
  /** The beginning of a character that the last part ended within. */
  private rest: Buffer = Buffer.alloc(0);

  /** `what`: the text, at the beginning of a message. */
  constructor(private readonly what: string) {}

  /** @throws DatasetError */
  read(chunk: Buffer): void {
    const bytes = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    const end = wholeCharacters(bytes);
    if (!isUtf8(bytes.subarray(0, end))) throw this.refusal();
    this.rest = Buffer.from(bytes.subarray(end));
  }

  /** @throws DatasetError for a text that ends within a character */
  end(): void {
    if (this.rest.length > 0) throw this.refusal();
  }

  private refusal(): DatasetError {
    return new DatasetError(`${this.what} is not valid UTF-8: convert it, for example with iconv`);
  }
}

/** Bytes before a last character of which some bytes are missing. */
function wholeCharacters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte >> 6 === 0b10) continue;
    const length = byte >> 3 === 0b11110 ? 4 : byte >> 4 === 0b1110 ? 3 : byte >> 5 === 0b110 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
