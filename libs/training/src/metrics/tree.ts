import { accuracy, balancedAccuracy, macroF1 } from './classification';
import type { Tally } from './tally';

/** The right classes of a batch's nodes, −1 where none is asked for; the first lane's hold for every lane. */
export interface RightNodes {
  learned: Int32Array;
  labels: Int32Array;
  roots: Int32Array;
}

/**
 * The mean loss of the nodes that are learned, accuracy, balanced accuracy and F1 of the roots, and the accuracy of all nodes. Reads the
 * sum of the loss over a batch, then the class found for each node.
 */
export function treeTally(classes: number): Tally<RightNodes> {
  const [nodes, roots] = [new Float64Array(classes * classes), new Float64Array(classes * classes)];
  let [sum, count] = [0, 0];
  const tallyUp = (confusion: Float64Array, right: Int32Array, found: Float32Array): void =>
    found.forEach((answer, node) => {
      if (right[node]! >= 0) confusion[right[node]! * classes + answer]! += 1;
    });
  return {
    add(values, right) {
      const found = values.subarray(1);
      sum += values[0]!;
      count += right.learned.subarray(0, found.length).filter((label) => label >= 0).length;
      tallyUp(nodes, right.labels, found);
      tallyUp(roots, right.roots, found);
    },
    metrics: () => ({
      loss: sum / count,
      accuracy: accuracy(roots, classes),
      balancedAccuracy: balancedAccuracy(roots, classes),
      f1: macroF1(roots, classes),
      nodeAccuracy: accuracy(nodes, classes),
    }),
  };
}
