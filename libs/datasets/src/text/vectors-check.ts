import { DatasetError } from '../prepared/data';
import { readVectorsHead, vectorsHead } from './word-vectors';

const lineFeed = 10;

/** What a byte is in a line: of a word alone, of numbers too, or between fields. */
const [ofWord, ofNumber, between] = [0, 1, 2] as const;
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => {
  const character = String.fromCharCode(byte);
  return ' \t\r'.includes(character) ? between : '0123456789+-.eE'.includes(character) ? ofNumber : ofWord;
});

/**
 * Checks every line of a text of word vectors as it comes, by its bytes: that it has as many numbers as the first. A line of more is of a
 * word with spaces, which the reader skips. So a file that is cut off, or damaged further on, is refused before a trial reads it.
 */
export class VectorsCheck {
  private head: Buffer | undefined = Buffer.alloc(0);
  private width = 0;
  private line = 0;
  /** Of the line so far: fields, the kind of the last byte, whether a field after the first is no number, whether all is blank. */
  private fields = 0;
  private last: number = lineFeed;
  private isOther = false;
  private isBlank = true;

  /** Reads the next bytes. @throws DatasetError for a line that is no vector, or a file that is none of vectors */
  read(chunk: Uint8Array): void {
    if (!this.head) return this.scan(chunk);
    this.head = Buffer.concat([this.head, chunk]);
    if (this.head.length >= vectorsHead) this.begin(this.head);
  }

  /** @throws DatasetError as `read` */
  end(): void {
    if (this.head) this.begin(this.head);
    this.endLine();
  }

  private begin(head: Buffer): void {
    const { width, count } = readVectorsHead(head.subarray(0, vectorsHead));
    [this.head, this.width] = [undefined, width];
    const first = count === undefined ? 0 : head.indexOf(lineFeed) + 1;
    if (first > 0) this.line++;
    this.scan(head.subarray(first));
  }

  /** The state of a line is in variables of their own here: a field of the object for each byte takes several times as long. */
  private scan(bytes: Uint8Array): void {
    for (let begin = 0; begin < bytes.length;) {
      const found = bytes.indexOf(lineFeed, begin);
      const end = found < 0 ? bytes.length : found;
      let { fields, last, isOther, isBlank } = this;
      for (let at = begin; at < end; at++) {
        const kind = kinds[bytes[at]!]!;
        if (kind === between) {
          // The reader takes what stands before the first space for the word, also where that is nothing.
          if (last === lineFeed) fields = 1;
        } else {
          if (last === between || last === lineFeed) fields++;
          if (kind === ofWord && fields > 1) isOther = true;
          isBlank = false;
        }
        last = kind;
      }
      Object.assign(this, { fields, last, isOther, isBlank });
      if (found >= 0) this.endLine();
      begin = end + 1;
    }
  }

  private endLine(): void {
    this.line++;
    const count = this.fields - 1;
    if (!this.isBlank && (count < this.width || (count === this.width && this.isOther)))
      throw new DatasetError(`line ${this.line}: does not have a word and ${this.width} numbers`);
    Object.assign(this, { fields: 0, last: lineFeed, isOther: false, isBlank: true });
  }
}
