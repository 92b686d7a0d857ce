import { createContext, useContext, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';

type SetSearch = (next: (now: URLSearchParams) => URLSearchParams, options?: { replace?: boolean }) => void;

const Own = createContext<readonly [URLSearchParams, SetSearch] | null>(null);

/** What a chart is to show, and what changes it: of the address, or within OwnSearch of the chart alone. */
export function useSearch(): readonly [URLSearchParams, SetSearch] {
  const ofAddress = useSearchParams();
  return useContext(Own) ?? ofAddress;
}

/** Charts within it begin with the query `first`, and changes of theirs leave the address as it is: a page may have several. */
export function OwnSearch({ first, children }: { first: string; children: ReactNode }) {
  const [search, setSearch] = useState(() => new URLSearchParams(first));
  return <Own value={[search, setSearch]}>{children}</Own>;
}
