// What a process and all that it starts use, from Linux' /proc.
import { readdirSync, readFileSync } from 'node:fs';
import { clearInterval, setInterval } from 'node:timers';

const ticksPerSecond = 100;

/** Parent and CPU seconds of a process, what its ended children used included; undefined where it is gone. */
function readProcess(pid) {
  try {
    // The name, in brackets, may have spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    return {
      parent: Number(fields[1]),
      seconds: (user + system) / ticksPerSecond,
      ended: (endedUser + endedSystem) / ticksPerSecond,
    };
  } catch {
    return undefined;
  }
}

/** Bytes of a process in memory, with its share of what several have in common. */
function readMemory(pid) {
  try {
    return 1024 * Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Watches the processes below `root`, itself left out, until `end`, which gives their CPU seconds and the most bytes at one time.
 * `servers` gives others to watch with all below them: a server that left its parent's session has become a child of process 1.
 */
export function watchTree(root = process.pid, { every = 250, leaveOut = () => false, servers = () => [] } = {}) {
  const used = new Map();
  let most = 0;
  const look = () => {
    const all = new Map(
      readdirSync('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((name) => [Number(name), readProcess(Number(name))]),
    );
    const roots = servers();
    const isBelow = (pid) => {
      if (roots.includes(pid)) return true;
      const parent = all.get(pid)?.parent;
      return parent !== undefined && parent !== 0 && (parent === root || isBelow(parent));
    };
    const own = [...all.keys()].filter((pid) => isBelow(pid) && !leaveOut(pid));
    for (const pid of own) used.set(pid, all.get(pid).seconds);
    most = Math.max(
      most,
      own.reduce((sum, pid) => sum + readMemory(pid), 0),
    );
  };
  const timer = setInterval(look, every);
  return {
    end() {
      clearInterval(timer);
      look();
      return { seconds: [...used.values()].reduce((sum, each) => sum + each, 0), bytes: most };
    },
  };
}
