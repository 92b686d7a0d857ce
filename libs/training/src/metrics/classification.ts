import type { Tally } from './tally';

/**
 * The fraction of right answers, 0 to 1; 0 where nothing was counted. `confusion` holds classes² counts, a row for each
 * true class.
 */
export function accuracy(confusion: Float64Array, classes: number): number {
  let [right, all] = [0, 0];
  confusion.forEach((count, at) => {
    all += count;
    if (at % (classes + 1) === 0) right += count;
  });
  return all === 0 ? 0 : right / all;
}

/**
 * The mean recall of the classes that occur, as scikit-learn's balanced_accuracy_score; 0 where nothing was counted. `confusion` as for
 * `accuracy`.
 */
export function balancedAccuracy(confusion: Float64Array, classes: number): number {
  let [sum, counted] = [0, 0];
  for (let each = 0; each < classes; each++) {
    const there = confusion.subarray(each * classes, (each + 1) * classes).reduce((total, count) => total + count, 0);
    if (there === 0) continue;
    sum += confusion[each * classes + each]! / there;
    counted += 1;
  }
  return counted === 0 ? 0 : sum / counted;
}

/** What became of the examples of one class. */
export interface ClassScore {
  name: string;
  /** Of the answers that name it, how many are right; null where none does. */
  precision: number | null;
  /** Of its examples, how many were found; null where there are none. */
  recall: number | null;
  /** 0 for a class that was never right. */
  f1: number;
  /** Its examples. */
  count: number;
}

/** Precision, recall and F1 of each class, as scikit-learn's classification_report. `confusion` as for `accuracy`. */
export function classScores(confusion: ArrayLike<number>, names: readonly string[]): ClassScore[] {
  const size = names.length;
  return names.map((name, each) => {
    let [count, found] = [0, 0];
    for (let other = 0; other < size; other++) {
      count += confusion[each * size + other]!;
      found += confusion[other * size + each]!;
    }
    const right = confusion[each * size + each]!;
    return {
      name,
      precision: found === 0 ? null : right / found,
      recall: count === 0 ? null : right / count,
      f1: count + found === 0 ? 0 : (2 * right) / (count + found),
      count,
    };
  });
}

/**
 * The mean over classes of F1 = 2·tp / (2·tp + fp + fn), as scikit-learn's f1_score(average='macro', zero_division=0): 0
 * for a class that was never right; a class that is neither true nor answered anywhere does not count. 0 where nothing was
 * counted. `confusion` as for `accuracy`.
 */
export function macroF1(confusion: Float64Array, classes: number): number {
  let [sum, counted] = [0, 0];
  for (let each = 0; each < classes; each++) {
    let [there, found] = [0, 0];
    for (let other = 0; other < classes; other++) {
      there += confusion[each * classes + other]!;
      found += confusion[other * classes + each]!;
    }
    if (there + found === 0) continue;
    sum += (2 * confusion[each * classes + each]!) / (there + found);
    counted += 1;
  }
  return counted === 0 ? 0 : sum / counted;
}

/**
 * Mean loss, accuracy, balanced accuracy and macro F1. Reads the sum of the loss over a batch, then the class found in each place;
 * `right`: the true classes of these places, −1 where there is none.
 */
export function classTally(classes: number): Tally<Int32Array> {
  const confusion = new Float64Array(classes * classes);
  let sum = 0;
  return {
    add(values, right) {
      sum += values[0]!;
      right.forEach((truth, place) => {
        if (truth >= 0) confusion[truth * classes + values[1 + place]!]! += 1;
      });
    },
    metrics() {
      const count = confusion.reduce((total, each) => total + each, 0);
      return {
        loss: sum / count,
        accuracy: accuracy(confusion, classes),
        balancedAccuracy: balancedAccuracy(confusion, classes),
        f1: macroF1(confusion, classes),
      };
    },
  };
}
