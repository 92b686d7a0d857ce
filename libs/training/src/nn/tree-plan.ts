import type { Trees } from '@unroll/datasets';

/** A level: nodes that are read at once, whose children are all in earlier levels. */
export interface TreeLevel {
  /** Nodes of every lane, padding included. */
  nodes: number;
  /** The largest number of children of a node. */
  arity: number;
  /**
   * The sources of the states that this level reads, then of those that later levels read: rows of the previous level's
   * unread states, −1 for none; [lane, nodes·arity + rest].
   */
  from: Int32Array;
  rest: number;
  /** Where each of those rows went, −1 for nowhere; [lane, rows]. */
  to: Int32Array;
}

/** The order in which a batch of trees is read. */
export interface TreePlan {
  lanes: number;
  /** Nodes without children of every lane. */
  leaves: number;
  /** The levels above; at least one, so that every weight takes part. */
  levels: TreeLevel[];
  /** Nodes of all levels, one after the other: each one's number in the data, −1 for padding; [lane, total]. */
  order: Int32Array;
  total: number;
}

/**
 * The height of each node above its lowest leaf, [node]: 0 for a leaf.
 */
export function nodeHeights({ count, offsets, childOffsets, children }: Trees): Int32Array {
  const heights = new Int32Array(childOffsets.length - 1);
  for (let tree = 0; tree < count; tree++)
    for (let node = offsets[tree]!; node < offsets[tree + 1]!; node++)
      for (let at = childOffsets[node]!; at < childOffsets[node + 1]!; at++)
        heights[node] = Math.max(heights[node]!, heights[offsets[tree]! + children[at]!]! + 1);
  return heights;
}

/**
 * Reads the trees in each lane's rows level by level, from the leaves up. Every state but a root's is read once, by its
 * parent: unread states are kept in one array, which shrinks.
 */
export function planTrees(trees: Trees, heights: Int32Array, rows: readonly Int32Array[]): TreePlan {
  const lanes = rows.map((own) => nodeLevels(trees, heights, own));
  const count = lanes.reduce((most, levels) => Math.max(most, levels.length), 2);
  const nodesAt = (level: number): number => widest(lanes.map((levels) => levels[level]?.length ?? 0));
  const leaves = nodesAt(0);
  const levels: TreeLevel[] = [];
  // The nodes of each lane whose states are unread; −1 for none.
  let waiting = lanes.map(([first]) => filled(first ?? [], leaves));
  for (let level = 1; level < count; level++) {
    const parents = lanes.map((own) => own[level] ?? []);
    const below = parents.map((own) => own.map((node) => childPlaces(trees, node)));
    const nodes = nodesAt(level);
    const arity = widest(below.flat().map(({ length }) => length));
    const read = below.map((own) =>
      filled(
        own.flatMap((children) => filled(children, arity)),
        nodes * arity,
      ),
    );
    const rests = waiting.map((own, lane) => {
      const taken = new Set(read[lane]);
      return own.filter((node) => !taken.has(node));
    });
    const rest = rests.reduce((most, { length }) => Math.max(most, length), 0);
    const next = read.map((own, lane) => [...own, ...filled(rests[lane]!, rest)]);
    levels.push({ nodes, arity, rest, from: places(next, waiting), to: places(waiting, next) });
    waiting = parents.map((own, lane) => [...filled(own, nodes), ...filled(rests[lane]!, rest)]);
  }
  const all = lanes.map((own) => [
    ...filled(own[0] ?? [], leaves),
    ...levels.flatMap(({ nodes }, index) => filled(own[index + 1] ?? [], nodes)),
  ]);
  return { lanes: rows.length, leaves, levels, order: Int32Array.from(all.flat()), total: all[0]!.length };
}

/** The nodes of some trees by their height. */
function nodeLevels({ offsets }: Trees, heights: Int32Array, rows: Int32Array): number[][] {
  const levels: number[][] = [];
  for (const tree of rows)
    for (let node = offsets[tree]!; node < offsets[tree + 1]!; node++) (levels[heights[node]!] ??= []).push(node);
  return levels;
}

const first = new WeakMap<Trees, Int32Array>();

/** The first node of each node's tree, [node]. */
function firstNodes(trees: Trees): Int32Array {
  const known = first.get(trees);
  if (known) return known;
  const { count, offsets, words } = trees;
  const all = new Int32Array(words.length);
  for (let tree = 0; tree < count; tree++) all.fill(offsets[tree]!, offsets[tree], offsets[tree + 1]);
  first.set(trees, all);
  return all;
}

function childPlaces(trees: Trees, node: number): number[] {
  const { childOffsets, children } = trees;
  const begin = firstNodes(trees)[node]!;
  return Array.from(children.subarray(childOffsets[node], childOffsets[node + 1]), (child) => begin + child);
}

const widest = (lengths: readonly number[]): number => lengths.reduce((most, length) => Math.max(most, length), 1);
const filled = (nodes: readonly number[], length: number): number[] => [
  ...nodes,
  ...Array<number>(length - nodes.length).fill(-1),
];

/** The position of each of a lane's `nodes` among its `others`, −1 for none: [lane, nodes]. */
function places(nodes: readonly number[][], others: readonly number[][]): Int32Array {
  return Int32Array.from(
    nodes.flatMap((own, lane) => {
      const at = new Map(others[lane]!.map((node, place) => [node, place]));
      return own.map((node) => (node < 0 ? -1 : (at.get(node) ?? -1)));
    }),
  );
}
