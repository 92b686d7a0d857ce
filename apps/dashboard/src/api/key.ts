import { useSyncExternalStore } from 'react';

const name = 'unroll.key';
const listeners = new Set<() => void>();
let current = read();
/** The key of a link that was opened while signed in with another one: a person decides. */
let offered: string | null = null;
/** Why a sign-in at the OpenID provider has failed. */
let refusal: string | null = null;
export const signInRefusal = (): string | null => refusal;

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

const linkName = 'unroll.link';
/** The token of a link that only reads, which this tab was opened by: it is used in place of the key. */
let link = readLink();

/** Reads the token that the tab was opened with; null where storage is unavailable. */
function readLink(): string | null {
  try {
    return sessionStorage.getItem(linkName);
  } catch {
    return null;
  }
}

/** Of this tab alone: a reload keeps it, and the key of whoever is signed in stays as it is. */
function writeLink(token: string | null): void {
  try {
    if (token === null) sessionStorage.removeItem(linkName);
    else sessionStorage.setItem(linkName, token);
  } catch {
    // Storage is unavailable: the token is kept in `link` only.
  }
  link = token;
  for (const listener of listeners) listener();
}

/** Whether this tab reads by a link rather than with a key. */
export const isByLink = (): boolean => link !== null;
export const storedKey = (): string | null => link ?? current;
export const storeKey = (key: string): void => write(key);
/** Forgets what the API refuses: the link, if this tab was opened by one, else the key. */
export function forgetKey(): void {
  if (link === null) return write(null);
  refusal = 'The link has expired or was revoked.';
  writeLink(null);
}

/** Goes on with one's own key. */
export const leaveLink = (): void => writeLink(null);

/**
 * Stores the key given in the address (`/#key=…`, as printed by `unroll start`) and removes it from the address and the browser's
 * history; one that would replace another is only offered. Or, from a sign-in at an OpenID provider, `/#refused=…`; or the token of a
 * link that only reads, `/sweeps/ID#link=…`. The fragment is never sent to a server, so it appears in no log.
 */
export function takeKeyFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  const [key, reason, token] = [given.get('key'), given.get('refused'), given.get('link')];
  if (token) writeLink(token);
  if (reason) refusal = reason;
  if (key && current !== null && key !== current) offered = key;
  else if (key) write(key);
  if (key || reason || token) history.replaceState(history.state, '', location.pathname + location.search);
}

/** Takes the key of the link, or keeps the present one. */
export function answerOffer(take: boolean): void {
  const key = offered;
  offered = null;
  write(take && key !== null ? key : current);
}

/** The key that a link offers beside the present one; null for none. */
export const useOffer = (): string | null => useSyncExternalStore(follow, () => offered);

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
