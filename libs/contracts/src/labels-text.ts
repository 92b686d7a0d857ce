/** Labels of a worker, or those that a sweep requires. */
export type Labels = Readonly<Record<string, string>>;

/** Labels as `parseLabels` reads them, in a stable order. */
export const labelsText = (all: Labels): string =>
  Object.keys(all)
    .sort()
    .map((name) => `${name}=${all[name]}`)
    .join(',');
