import { readFileSync, readlinkSync } from 'node:fs';

/** Reads the CPU time that a thread has taken so far. Unit: seconds. */
export type Clock = () => number;

/** Ticks a second in /proc, the same on every Linux. */
const ticks = 100;

/** A thread's time by fields 14 and 15 of /proc/self/task/ID/stat, in proc_pid_stat(5). @throws where there is no such thread or file */
function readThread(thread: number): number {
  const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
  // Field 2 is a name in parentheses, which may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

function readProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * The clock of the thread with this id of the operating system. It stops when the thread ends. Where it cannot be read, as outside Linux,
 * it is that of the process, which no thread is ahead of. (`worker.cpuUsage` needs Node 24.)
 */
export function cpuClock(thread: number | undefined): Clock {
  if (thread === undefined) return readProcess;
  let last: number;
  try {
    last = readThread(thread);
  } catch {
    return readProcess;
  }
  return () => {
    try {
      last = readThread(thread);
    } catch {
      // The thread has ended; its end is reported by an event.
    }
    return last;
  };
}

/** The id of the calling thread on Linux; undefined elsewhere. */
export function ownThread(): number | undefined {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').at(-1));
  } catch {
    return undefined;
  }
}

/**
 * Whether a computation has taken longer than `seconds` since this was called, by the clock, of which other programs take their part, as
 * well as in CPU time of the calling thread: a limit that must not depend on how busy a machine is. Asking is cheap until the clock has
 * passed it.
 */
export function deadline(seconds: number): () => boolean {
  const clock = cpuClock(ownThread());
  const [began, used] = [performance.now(), clock()];
  return () => performance.now() - began > seconds * 1000 && clock() - used > seconds;
}
