import { useMemo, useState } from 'react';

/** Maximum number of trials that can be compared. */
export const mostCompared = 10;

/** The trials selected for comparison. */
export interface Selection {
  ids: readonly string[];
  has: (trialId: string) => boolean;
  toggle: (trialId: string) => void;
  clear: () => void;
}

/** Selected trials; beyond the maximum, the earliest selected one is dropped. */
export function useSelection(): Selection {
  const [ids, setIds] = useState<readonly string[]>([]);
  return useMemo(
    () => ({
      ids,
      has: (id) => ids.includes(id),
      toggle: (id) =>
        setIds((now) => (now.includes(id) ? now.filter((one) => one !== id) : [...now, id].slice(-mostCompared))),
      clear: () => setIds([]),
    }),
    [ids],
  );
}
