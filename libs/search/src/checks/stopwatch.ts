/** Processor time of this process, of all its threads. Unit: seconds. */
function processTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * What a computation may have taken since this was called, for limits that must not depend on how busy a machine is: time by the clock, of
 * which other programs take their part, or processor time, of which other threads of this process do, whichever is less. Unit: seconds.
 */
export function stopwatch(): () => number {
  const [began, used] = [performance.now(), processTime()];
  return () => Math.min((performance.now() - began) / 1000, processTime() - used);
}
