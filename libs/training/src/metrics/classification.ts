/** The part of right answers, 0 to 1; 0 where nothing was counted. `confusion` holds classes² counts, a row for each true class. */
export function accuracy(confusion: Float64Array, classes: number): number {
  let [right, all] = [0, 0];
  confusion.forEach((count, at) => {
    all += count;
    if (at % (classes + 1) === 0) right += count;
  });
  return all === 0 ? 0 : right / all;
}

/**
 * The mean over classes of F1 = 2·tp / (2·tp + fp + fn), as scikit-learn's f1_score(average='macro', zero_division=0): 0 for a class that was
 * never right; a class that is neither true nor answered anywhere does not count. 0 where nothing was counted.
 * `confusion` as for the accuracy.
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
