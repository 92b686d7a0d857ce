import type { LiveWorker } from '@unroll/database';

/** Workers that must train the same for a median to say anything. */
const fewest = 3;

type Working = Pick<
  LiveWorker,
  'id' | 'engine' | 'silent' | 'stepsPerSecond' | 'running' | 'others' | 'groups' | 'signatures'
>;

/** Updates per second of each lane that it trains, and what it may be compared with; undefined if that is nothing. */
function speedOf(worker: Working): { like: string; speed: number } | undefined {
  const { engine, silent, stepsPerSecond, running, others, groups, signatures } = worker;
  const lanes = running.length + others;
  if (silent || stepsPerSecond === null || lanes === 0 || signatures.length !== 1) return undefined;
  // A lane among many is slower than one alone: numbers of lanes within a factor of 2 are alike.
  const size = Math.round(Math.log2(lanes / groups));
  return { like: `${engine} ${size} ${signatures[0]}`, speed: stepsPerSecond / lanes };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}

/** By id: a worker's speed as a fraction of the median of those that train the same; absent where too few do. */
export function pacesOf(workers: readonly Working[]): ReadonlyMap<string, number> {
  const alike = new Map<string, { id: string; speed: number }[]>();
  for (const worker of workers) {
    const found = speedOf(worker);
    if (found) alike.set(found.like, [...(alike.get(found.like) ?? []), { id: worker.id, speed: found.speed }]);
  }
  return new Map(
    [...alike.values()]
      .filter((own) => own.length >= fewest)
      .flatMap((own) => {
        const middle = median(own.map(({ speed }) => speed));
        return middle > 0 ? own.map(({ id, speed }) => [id, speed / middle] as const) : [];
      }),
  );
}
