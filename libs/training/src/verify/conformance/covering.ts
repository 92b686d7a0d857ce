/** The number of a value for each factor; 0 is its default. */
export type Row = readonly number[];

export interface Covering {
  /** How many values each factor has, at most 64. */
  sizes: readonly number[];
  /** Factors of whose values every accepted combination is covered: all pairs of factors, for a pairwise array. */
  groups: readonly (readonly number[])[];
  /** The factors that decide which values of others are accepted. */
  pivots: readonly number[];
  /** An accepted row for each accepted setting of the pivots. */
  bases: readonly Row[];
  accepts(this: void, row: Row): boolean;
}

/** Values of the factors of a group. */
interface Combination {
  place: number;
  values: readonly number[];
}

const mostValues = 64;

/**
 * Few rows in which every accepted combination of values of each group of factors occurs. Greedily: each row begins with a combination that
 * is not covered yet, and takes for each other factor the value that covers most others (after Cohen et al. 1997, "The AETG system").
 * Combinations that no row may have are left out.
 */
export function coveringArray(covering: Covering): Row[] {
  const array = new CoveringArray(covering);
  for (const combination of array.wantedNow()) array.cover(combination);
  return array.rows;
}

class CoveringArray {
  readonly rows: Row[] = [];
  /** The combinations that are not covered, by key. */
  private readonly wanted = new Map<number, Combination>();
  /** The groups of each factor. */
  private readonly groupsOf: readonly (readonly number[])[];
  /** Whether each base accepts each value of each factor in place of its own. */
  private readonly allowed: readonly (readonly (readonly boolean[])[])[];

  constructor(private readonly covering: Covering) {
    const { sizes, groups, bases, accepts } = covering;
    this.groupsOf = sizes.map((_, factor) => [...groups.keys()].filter((place) => groups[place]!.includes(factor)));
    this.allowed = bases.map((base) =>
      sizes.map((size, factor) => Array.from({ length: size }, (_, value) => accepts(base.with(factor, value)))),
    );
    for (const [place, group] of groups.entries())
      for (const values of products(group.map((factor) => sizes[factor]!)))
        this.wanted.set(key(place, values), { place, values });
  }

  wantedNow(): Combination[] {
    return [...this.wanted.values()];
  }

  /** Adds a row with a combination, unless it is covered or no row may have it. */
  cover({ place, values }: Combination): void {
    const { groups, sizes } = this.covering;
    if (!this.wanted.has(key(place, values))) return;
    const group = groups[place]!;
    const begun = this.begin(group, values);
    if (!begun) return;
    let { row } = begun;
    const fixed = new Set([...group, ...this.covering.pivots]);
    for (const factor of sizes.keys()) {
      if (fixed.has(factor)) continue;
      row = this.bestValue(row, factor, fixed, begun.base);
      fixed.add(factor);
    }
    this.rows.push(row);
    for (const covered of groups.keys()) this.wanted.delete(this.keyIn(row, covered));
  }

  /** A base with a combination in it; another one for each row, so that they take turns. */
  private begin(group: readonly number[], values: readonly number[]): { row: Row; base: number } | undefined {
    const { bases, pivots, accepts } = this.covering;
    for (let tried = 0; tried < bases.length; tried++) {
      const base = (this.rows.length + tried) % bases.length;
      const fits = group.every((factor, at) =>
        pivots.includes(factor) ? bases[base]![factor] === values[at] : this.allowed[base]![factor]![values[at]!],
      );
      if (!fits) continue;
      const row = group.reduce<Row>((before, factor, at) => before.with(factor, values[at]!), bases[base]!);
      if (accepts(row)) return { row, base };
    }
    return undefined;
  }

  /** A row with that value of a factor which, with those that are fixed, covers most. */
  private bestValue(row: Row, factor: number, fixed: ReadonlySet<number>, base: number): Row {
    const { groups, sizes, accepts } = this.covering;
    const known = this.groupsOf[factor]!.filter((place) =>
      groups[place]!.every((each) => each === factor || fixed.has(each)),
    );
    const ranked = Array.from({ length: sizes[factor]! }, (_, value) => value)
      .filter((value) => this.allowed[base]![factor]![value])
      .map((value) => row.with(factor, value))
      .map((with_) => ({ with_, gain: known.filter((place) => this.wanted.has(this.keyIn(with_, place))).length }))
      .sort((a, b) => b.gain - a.gain);
    return ranked.find(({ with_ }) => with_[factor] === row[factor] || accepts(with_))?.with_ ?? row;
  }

  private keyIn(row: Row, place: number): number {
    return key(
      place,
      this.covering.groups[place]!.map((factor) => row[factor]!),
    );
  }
}

const key = (place: number, values: readonly number[]): number =>
  values.reduce((number, value) => number * mostValues + value, place);

/** Every combination of a number below each size. */
const products = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (all, size) => all.flatMap((before) => Array.from({ length: size }, (_, value) => [...before, value])),
    [[]],
  );
