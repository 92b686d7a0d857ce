/** Numbers that are kept between calls under one name. */
const mostKept = 2 ** 22;

/** Arrays that are used again. */
export class Room {
  private readonly kept = new Map<string, Float32Array>();

  /** An array of that length, its values arbitrary, until the next call with the same name. */
  floats(name: string, length: number): Float32Array {
    const known = this.kept.get(name);
    if (known && known.length >= length) return known.length === length ? known : known.subarray(0, length);
    const made = new Float32Array(length);
    if (length <= mostKept) this.kept.set(name, made);
    return made;
  }

  /** The same, all 0. */
  zeros(name: string, length: number): Float32Array {
    return this.floats(name, length).fill(0);
  }
}
