import { DatasetError } from '../prepared/data';
import { readVectorsHead, vectorsHead } from './word-vectors';

const [tab, lineFeed, carriageReturn, space] = [9, 10, 13, 32];

/** Whether a byte occurs in numbers as people and programs write them: digits, signs, points and powers. */
const isOfNumber = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number('0123456789+-.eE'.includes(String.fromCharCode(byte))),
);

/**
 * Checks every line of a text of word vectors as it comes, by its bytes: that it has as many numbers as the first. A line of more is of a
 * word with spaces, which the reader skips. So a file that is cut off, or damaged further on, is refused before a trial reads it.
 */
export class VectorsCheck {
  private head: Buffer | undefined = Buffer.alloc(0);
  private width = 0;
  private line = 0;
  /** Fields of the line so far, whether the last goes on, and whether one after the first is no number. */
  private fields = 0;
  private isWithin = false;
  private isOther = false;
  private isStart = true;
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

  private scan(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (byte === lineFeed) this.endLine();
      else if (byte === space || byte === tab || byte === carriageReturn) {
        // The reader takes what stands before the first space for the word, also where that is nothing.
        if (this.isStart) this.fields = 1;
        this.isWithin = this.isStart = false;
      } else {
        if (!this.isWithin) this.fields++;
        this.isWithin = true;
        this.isStart = this.isBlank = false;
        if (this.fields > 1 && !isOfNumber[byte]) this.isOther = true;
      }
    }
  }

  private endLine(): void {
    this.line++;
    const count = this.fields - 1;
    if (!this.isBlank && (count < this.width || (count === this.width && this.isOther)))
      throw new DatasetError(`line ${this.line}: does not have a word and ${this.width} numbers`);
    [this.fields, this.isWithin, this.isOther] = [0, false, false];
    this.isStart = this.isBlank = true;
  }
}
