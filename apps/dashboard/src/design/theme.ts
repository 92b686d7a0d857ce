import { useSyncExternalStore } from 'react';

const name = 'unroll.theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();
const notify = (): void => listeners.forEach((listener) => listener());
system.addEventListener('change', notify);

export type Theme = 'light' | 'dark';

export function theme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return system.matches ? 'dark' : 'light';
}

export function chooseTheme(chosen: Theme): void {
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(name, chosen);
  } catch {
    // Storage is unavailable: the choice lasts until the page is closed.
  }
  notify();
}

/** The current theme, as a subscription: canvas charts must be redrawn when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}
