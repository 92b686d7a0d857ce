import { accuracy, macroF1 } from './classification';

/** The right classes of a batch's nodes, −1 where none is asked for; the first lane's are every lane's. */
interface RightNodes {
  learned: Int32Array;
  labels: Int32Array;
  roots: Int32Array;
}

/**
 * Gathers what each lane found beside what is right. `add`: the sum of the loss over a batch, and the class that was found for each node. `of`: the mean
 * loss of the nodes that are learned, accuracy and F1 of the roots, and the accuracy of all nodes.
 */
export function treeMetrics(lanes: number, classes: number) {
  const all = Array.from({ length: lanes }, () => ({
    ...{ loss: 0, learned: 0 },
    nodes: new Float64Array(classes * classes),
    roots: new Float64Array(classes * classes),
  }));
  const count = (confusion: Float64Array, right: Int32Array, found: Float32Array): void =>
    found.forEach((answer, node) => {
      if (right[node]! >= 0) confusion[right[node]! * classes + answer]! += 1;
    });
  return {
    add(lane: number, loss: number, found: Float32Array, { learned, labels, roots }: RightNodes): void {
      const own = all[lane]!;
      own.loss += loss;
      own.learned += learned.subarray(0, found.length).filter((right) => right >= 0).length;
      count(own.nodes, labels, found);
      count(own.roots, roots, found);
    },
    of(lane: number): Record<string, number> {
      const { loss, learned, nodes, roots } = all[lane]!;
      return {
        loss: loss / learned,
        accuracy: accuracy(roots, classes),
        f1: macroF1(roots, classes),
        nodeAccuracy: accuracy(nodes, classes),
      };
    },
  };
}
