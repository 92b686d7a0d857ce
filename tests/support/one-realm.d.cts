/** Loads a package, and keeps the globals that it defines for the files to come. */
export function keepGlobalsOf<Loaded>(load: () => Loaded): Loaded;
/** What a file may change of this process; returns what undoes it. */
export function remember(): () => void;
