import type { ParseArgsConfig } from 'node:util';

export const options: NonNullable<ParseArgsConfig['options']>;

/** Prints both tables of an engine. `ours` gives a module of libs/ by its path there. */
export function printLanes(ours: (path: string) => object, engine: string, values: object): Promise<void>;
