/** A search algorithm. To add one, add a file beside this one and an entry in index.ts; it runs in libs/search/src/samplers. */
export interface SamplerDefinition {
  readonly algorithm: string;
  /** What it does, as a clause that begins with its name. */
  readonly description: string;
  /** Whether it learns from outcomes: then only a few trials are proposed ahead of the workers. */
  readonly learns: boolean;
  /** How many objectives it supports. A sampler that does not learn supports any number. */
  readonly objectives: 'one' | 'several' | 'any';
}
