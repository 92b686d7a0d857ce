/** How often each class was answered for each: [truth, answer] by rows, classes² counts. */
export type Confusion = Float64Array;

/** The part of right answers, 0 to 1; 0 where nothing was counted. Throws RangeError for a matrix that is not square. */
export function accuracy(confusion: Confusion): number {
  const classes = classesOf(confusion);
  let [right, all] = [0, 0];
  for (const [index, count] of confusion.entries()) {
    all += count;
    if (Math.floor(index / classes) === index % classes) right += count;
  }
  return all === 0 ? 0 : right / all;
}

/**
 * The mean over classes of F1 = 2·right / (answered + true), as scikit-learn's f1_score(average='macro', zero_division=0): 0 for a class
 * that was never right; a class that is neither true nor answered anywhere does not count. 0 where nothing was
 * counted. Throws RangeError for a matrix that is not square.
 */
export function macroF1(confusion: Confusion): number {
  const classes = classesOf(confusion);
  let [sum, occurring] = [0, 0];
  for (let each = 0; each < classes; each++) {
    let occurrences = 0; // as the truth and as the answer: twice where it was right
    for (let other = 0; other < classes; other++)
      occurrences += confusion[each * classes + other]! + confusion[other * classes + each]!;
    if (occurrences === 0) continue;
    occurring += 1;
    sum += (2 * confusion[each * classes + each]!) / occurrences;
  }
  return occurring === 0 ? 0 : sum / occurring;
}

function classesOf(confusion: Confusion): number {
  const classes = Math.round(Math.sqrt(confusion.length));
  if (classes * classes !== confusion.length)
    throw new RangeError(`a confusion matrix is square, but this one has ${confusion.length} counts`);
  return classes;
}
