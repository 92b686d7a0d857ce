import { DatasetError } from '../prepared/data';
import { byteIds, byteSymbols, partsOf } from './byte-level';
import { PairQueue } from './pair-queue';

/** Subwords: byte pairs that were merged, the most frequent first. */
export interface Subwords {
  /** The bytes, then what each merge made, in order of IDs. */
  vocabulary: string[];
  /** "left right", in the order in which they were merged. */
  merges: string[];
}

/** Pairs that occur less often are not merged. */
const leastCount = 2;

/** A pair of IDs as one number: IDs have 16 bits. */
const pairOf = (left: number, right: number): number => left * 2 ** 16 + right;

const encoder = new TextEncoder();
const bytesAsIds = (part: string): number[] => Array.from(encoder.encode(part), (byte) => byteIds[byte]!);

/**
 * Byte-pair encoding (Gage 1994; Sennrich et al. 2016) over bytes: the most frequent pair of neighbours becomes a symbol, until there are
 * `size` symbols or no pair occurs twice. Of equally frequent pairs the one with the smaller IDs is merged first. `counts`: how often each
 * part of the text occurs; no pair spans two parts.
 */
export function learnSubwords(counts: ReadonlyMap<string, number>, size: number): Subwords {
  const learning = new Learning(counts);
  while (learning.vocabulary.length < size && learning.mergeNext());
  const { vocabulary, merges } = learning;
  return { vocabulary, merges };
}

/** The parts of a text while pairs of them are merged. Counts are kept up to date by the parts that a merge changes. */
class Learning {
  readonly vocabulary = [...byteSymbols];
  readonly merges: string[] = [];
  private readonly ids = new Map(byteSymbols.map((symbol, id) => [symbol, id]));
  /** The IDs of each part, which merges shorten. */
  private readonly parts: number[][] = [];
  private readonly weights: number[] = [];
  /** How often each pair occurs. */
  private readonly counts = new Map<number, number>();
  /** The parts in which each pair occurs, and may have occurred. */
  private readonly places = new Map<number, Set<number>>();
  private readonly queue: PairQueue;

  constructor(counts: ReadonlyMap<string, number>) {
    for (const [part, count] of counts) {
      const ids = bytesAsIds(part);
      for (let at = 1; at < ids.length; at++) this.count(pairOf(ids[at - 1]!, ids[at]!), count, this.parts.length);
      this.parts.push(ids);
      this.weights.push(count);
    }
    this.queue = new PairQueue(this.counts);
  }

  private count(pair: number, change: number, part: number): void {
    this.counts.set(pair, (this.counts.get(pair) ?? 0) + change);
    if (change < 0) return;
    const places = this.places.get(pair);
    if (places) places.add(part);
    else this.places.set(pair, new Set([part]));
  }

  /** Merges the most frequent pair; false where none is frequent enough. */
  mergeNext(): boolean {
    const pair = this.queue.next(leastCount);
    if (pair === undefined) return false;
    const [left, right] = [Math.floor(pair / 2 ** 16), pair % 2 ** 16];
    const [before, after] = [this.vocabulary[left]!, this.vocabulary[right]!];
    this.merges.push(`${before} ${after}`);
    // Other pairs may have made the same symbol.
    const merged = this.ids.get(before + after) ?? this.vocabulary.push(before + after) - 1;
    this.ids.set(before + after, merged);
    const changed = new Set<number>();
    for (const part of this.places.get(pair)!) this.mergeIn(part, left, right, merged, changed);
    this.places.delete(pair);
    this.counts.delete(pair);
    changed.delete(pair);
    for (const each of changed) this.queue.add(each);
    return true;
  }

  /** Merges a pair in one part, from its beginning on. `changed` takes the pairs that are more frequent now. */
  private mergeIn(part: number, left: number, right: number, merged: number, changed: Set<number>): void {
    const ids = this.parts[part]!;
    const weight = this.weights[part]!;
    let length = 0;
    for (let at = 0; at < ids.length; at++) {
      const isPair = ids[at] === left && ids[at + 1] === right;
      if (isPair) {
        if (length > 0) this.replace(part, weight, [ids[length - 1]!, left], [ids[length - 1]!, merged], changed);
        const next = ids[at + 2];
        if (next !== undefined) this.replace(part, weight, [right, next], [merged, next], changed);
        at++;
      }
      ids[length++] = isPair ? merged : ids[at]!;
    }
    ids.length = length;
  }

  private replace(
    part: number,
    weight: number,
    gone: [number, number],
    made: [number, number],
    changed: Set<number>,
  ): void {
    this.count(pairOf(...gone), -weight, part);
    this.count(pairOf(...made), weight, part);
    changed.add(pairOf(...made));
  }
}

/** Parts whose subwords are remembered. */
const mostRemembered = 2 ** 16;

/** Cuts texts into subwords by merges that were learned. */
export class BytePairs {
  /** The ID of each byte. */
  private readonly bytes: Uint16Array;
  /** By pair: which merge it is, and what it makes. */
  private readonly made = new Map<number, { rank: number; merged: number }>();
  private readonly added = new Map<string, Uint16Array>();
  private readonly known = new Map<string, Uint16Array>();

  /** Where a text is cut for its added tokens. */
  private readonly cuts: RegExp | undefined;

  /**
   * `added`: tokens that a text is cut at before pairs are sought, such as <|endoftext|>; `what`: what has them, for messages.
   * @throws DatasetError for merges or added tokens that do not fit the vocabulary
   */
  constructor(
    readonly vocabulary: readonly string[],
    merges: readonly string[],
    added: readonly string[] = [],
    what: 'model' | 'tokenizer' = 'model',
  ) {
    // Of two equal symbols the later is the subword: <end> of a decoder comes before them.
    const ids = new Map(vocabulary.map((symbol, id) => [symbol, id]));
    const damaged = (name: string): DatasetError =>
      new DatasetError(`${name} does not fit the vocabulary: the ${what} is damaged`);
    this.bytes = Uint16Array.from(byteSymbols, (symbol) => {
      const id = ids.get(symbol);
      if (id === undefined) throw damaged(`the byte ${JSON.stringify(symbol)}`);
      return id;
    });
    merges.forEach((merge, rank) => {
      const [left, right, ...more] = merge.split(' ').map((symbol) => ids.get(symbol));
      const merged = ids.get(merge.replace(' ', ''));
      if (left === undefined || right === undefined || merged === undefined || more.length > 0)
        throw damaged(`the merge ${JSON.stringify(merge)}`);
      const pair = pairOf(left, right);
      if (!this.made.has(pair)) this.made.set(pair, { rank, merged });
    });
    for (const token of added) {
      const id = ids.get(token);
      if (id === undefined) throw damaged(`the added token ${JSON.stringify(token)}`);
      this.added.set(token, Uint16Array.of(id));
    }
    // The longest of those that begin at one place.
    const longestFirst = [...added].sort((one, other) => other.length - one.length);
    if (added.length > 0)
      this.cuts = new RegExp(longestFirst.map((token) => token.replaceAll(/[^\w]/g, '\\$&')).join('|'), 'g');
  }

  /** The parts of a text: its added tokens, and between them those within which pairs are merged. */
  readonly partsOf = (text: string): string[] => {
    if (!this.cuts) return partsOf(text);
    const parts: string[] = [];
    let end = 0;
    for (const { 0: token, index } of text.matchAll(this.cuts)) {
      parts.push(...partsOf(text.slice(end, index)), token);
      end = index + token.length;
    }
    return [...parts, ...partsOf(text.slice(end))];
  };

  /** The IDs of a part of a text, as `partsOf` cuts it. */
  idsOf(part: string): Uint16Array {
    const known = this.added.get(part) ?? this.known.get(part);
    if (known) return known;
    const ids = Uint16Array.from(this.merge(bytesAsIds(part).map((byte) => this.bytes[byte]!)));
    if (this.known.size >= mostRemembered) this.known.clear();
    this.known.set(part, ids);
    return ids;
  }

  /** The symbols of a text. */
  symbols(text: string): string[] {
    return this.partsOf(text).flatMap((part) => Array.from(this.idsOf(part), (id) => this.vocabulary[id]!));
  }

  /** Merges, again and again, the pair that was merged first in training. */
  private merge(ids: number[]): number[] {
    for (;;) {
      let best: { rank: number; merged: number } | undefined;
      for (let at = 1; at < ids.length; at++) {
        const made = this.made.get(pairOf(ids[at - 1]!, ids[at]!));
        if (made && (!best || made.rank < best.rank)) best = made;
      }
      if (!best) return ids;
      ids = this.merged(ids, best);
    }
  }

  private merged(ids: readonly number[], one: { rank: number; merged: number }): number[] {
    const shorter: number[] = [];
    for (let at = 0; at < ids.length; at++) {
      const isPair = at + 1 < ids.length && this.made.get(pairOf(ids[at]!, ids[at + 1]!)) === one;
      shorter.push(isPair ? one.merged : ids[at]!);
      if (isPair) at++;
    }
    return shorter;
  }
}
