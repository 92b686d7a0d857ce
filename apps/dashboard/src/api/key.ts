import { useSyncExternalStore } from 'react';

const name = 'unroll.key';
const listeners = new Set<() => void>();
let current = read();

/** Reads the stored key; null where storage is unavailable, and the key then lasts as long as the page. */
function read(): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function write(key: string | null): void {
  try {
    if (key === null) localStorage.removeItem(name);
    else localStorage.setItem(name, key);
  } catch {
    // Storage is unavailable: the key is kept in `current` only.
  }
  current = key;
  for (const listener of listeners) listener();
}

export const storedKey = (): string | null => current;
export const storeKey = (key: string): void => write(key);
export const forgetKey = (): void => write(null);

/**
 * Stores the key given in the address (`/#key=…`, as printed by `unroll start`) and removes it from the address and the browser's
 * history. The fragment is never sent to a server, so it appears in no log.
 */
export function takeKeyFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (!given) return;
  write(given);
  history.replaceState(history.state, '', location.pathname + location.search);
}

/** The key as a subscription: to changes in this tab and, through storage events, in others. */
export function useKey(): string | null {
  return useSyncExternalStore(follow, storedKey);
}

function follow(listener: () => void): () => void {
  const elsewhere = (event: StorageEvent): void => {
    if (event.key !== name) return;
    current = event.newValue;
    listener();
  };
  listeners.add(listener);
  addEventListener('storage', elsewhere);
  return () => {
    listeners.delete(listener);
    removeEventListener('storage', elsewhere);
  };
}
