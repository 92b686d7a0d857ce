/** Processor time of this process, of all its threads. Unit: seconds. */
function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * Whether a computation has taken longer than `seconds` since this was called, by the clock, of which other programs take their part, as
 * well as in processor time, of which other threads of this process do: a limit that must not depend on how busy a machine is. Asking is
 * cheap until the clock has passed it.
 */
export function deadline(seconds: number): () => boolean {
  const [began, used] = [performance.now(), processTime()];
  return () => performance.now() - began > seconds * 1000 && processTime() - used > seconds;
}
