import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when `condition` holds; fails after `seconds`. */
export async function until(condition: () => boolean | Promise<boolean>, seconds = 60): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`still false after ${seconds} s: ${condition.toString()}`);
    await pause(20);
  }
}
