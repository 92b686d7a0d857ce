// The rule by which a free trainer is given away, without a database: what next_sweep of libs/database/src/schema/shares.ts decides. A spec
// compares the two; the benchmark `shares` simulates a week with this one.

/** Less is served first; the trainer that asks does not count. */
const standing = ({ running, recent, weight }, isBusy) => (Math.max(running - (isBusy ? 1 : 0), 0) + recent) / weight;

/**
 * The leaf that the next trainer belongs to, as the path to it; undefined if none has work. `busy`: the path of the leaf for which it has
 * worked until now. Nodes that stand equal are served by the order of their names, leaves by their weight, the largest first.
 */
function nextLeaf({ children }, busy, path = []) {
  const order = [...children].sort((one, other) => {
    const [first, second] = [one, other].map((node) => standing(node, busy !== undefined && busy[0] === node.name));
    if (first !== second) return first - second;
    if (!one.children) return other.weight - one.weight;
    return one.name < other.name ? -1 : 1;
  });
  for (const node of order) {
    if (node.children) {
      const found = nextLeaf(node, busy && busy[0] === node.name ? busy.slice(1) : undefined, [...path, node]);
      if (found) return found;
    } else if (node.hasWork) return [...path, node];
  }
  return undefined;
}

/** Lets use fade: `kept` is 2^(−t / half-life). */
function fade(node, kept) {
  node.recent = node.recent * kept + node.running * (1 - kept);
  for (const child of node.children ?? []) fade(child, kept);
}

module.exports = { fade, nextLeaf };
