/** A way to search. A new one is one file beside this one and one entry in index.ts; it runs in libs/search/src/samplers. */
export interface SamplerDefinition {
  readonly algorithm: string;
  /** What it does, as a clause that begins with its name. */
  readonly description: string;
  /** Whether outcomes change what it proposes: then few trials are proposed ahead of the workers. */
  readonly learns: boolean;
  /** How many objectives it searches for. One that does not learn takes any number. */
  readonly objectives: 'one' | 'several' | 'any';
}
