import { useSyncExternalStore } from 'react';

const name = 'unroll.key';
const listeners = new Set<() => void>();
let current = read();

/** A browser may keep nothing: then a key lasts as long as the page. */
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
    // Kept in `current` alone.
  }
  current = key;
  for (const listener of listeners) listener();
}

export const storedKey = (): string | null => current;
export const storeKey = (key: string): void => write(key);
export const forgetKey = (): void => write(null);

/**
 * Stores the key that the address brings (`/#key=…`, as `unroll start` prints it) and takes it out of the address and of the
 * browser's history. What stands behind # never reaches a server or its log.
 */
export function takeKeyFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get('key');
  if (!given) return;
  write(given);
  history.replaceState(history.state, '', location.pathname + location.search);
}

/** The key, followed: in this tab and, through the browser's storage, in others. */
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
