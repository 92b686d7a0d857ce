import type { Baseline, DataReading, DatasetSpec } from '@unroll/contracts';
import { DatasetError, type TreeData, type Trees } from '../prepared/data';
import { classTargets, classNames, namedNumberer } from '../labelled/classes';
import type { EncodedInput } from '../prepared/row-by-row';
import { splitExamples } from '../prepared/split';
import { readBytes, type DataSource } from '../source/data-source';
import { decodeText } from '../source/decode';
import { linesOf } from '../source/lines';
import { numberer, buildVocabulary } from '../text/symbols';
import { parseTree, type TreeNode } from './bracketed';

interface Row {
  tree: TreeNode;
  place: string;
}

/**
 * Bracketed trees, one per line, with a class per node, as in the Stanford Sentiment Treebank (Socher et al. 2013). Words are numbered
 * by frequency in the training part.
 * @throws DatasetError for an invalid line, too many leaves, a single root class, a root class with one tree, or fewer than two trees
 */
export function prepareTrees(
  source: DataSource,
  task: { vocabulary: number },
  dataset: DatasetSpec,
  given?: DataReading,
): { data: TreeData; baselines: Baseline[] } {
  const rows = parseRows(source);
  if (rows.length < 2) throw new DatasetError(`the data set has ${rows.length} trees: give at least two`);
  const words = rows.map(({ tree }) => postOrder(tree).flatMap(({ word }) => (word === undefined ? [] : [word])));
  rows.forEach(({ place }, index) => requireLeaves(words[index]!.length, place, dataset));
  const roots = rows.map(({ tree: { label }, place }) => ({ label, place }));
  // There must be several root classes, each with several trees.
  if (!given) classTargets(roots);
  const targetVocabulary =
    given?.targetVocabulary ?? classNames(rows.flatMap(({ tree }) => postOrder(tree).map(({ label }) => label)));
  if (given) requireKnown(rows, targetVocabulary);
  const split = splitExamples(rows.length, dataset, { classes: rows.map(({ tree: { label } }) => label) });
  const learned = Array.from(split.train, (index) => words[index]!);
  const inputVocabulary = given?.inputVocabulary ?? buildVocabulary(learned, 'word', task.vocabulary);
  const numbers = { word: numberer(inputVocabulary), label: numberer(targetVocabulary) };
  const part = (indices: Int32Array): Trees => {
    const own = Array.from(indices, (index) => rows[index]!);
    const trees = own.map(({ tree }) => tree);
    return { ...joined(trees, numbers), places: own.map(({ place }) => place) };
  };
  const data: TreeData = {
    kind: 'trees',
    inputVocabulary,
    targetVocabulary,
    train: part(split.train),
    validation: part(split.validation),
    test: split.test && part(split.test),
  };
  return { data, baselines: [mostFrequentRoot(data)] };
}

const parseRows = (source: DataSource): Row[] =>
  linesOf(decodeText(readBytes(source))).flatMap((line, index): Row[] => {
    const place = `line ${index + 1}`;
    return line.trim() === '' ? [] : [{ tree: parseTree(line, place), place }];
  });

/** @throws DatasetError for a class that a trained network does not know */
function requireKnown(rows: readonly Row[], classes: readonly string[]): void {
  const number = namedNumberer(classes);
  for (const { tree, place } of rows) for (const { label } of postOrder(tree)) number(label, place);
}

/** Trees as a trained network reads them; their classes are ignored. @throws DatasetError for an invalid line */
export function encodeTrees(source: DataSource, dataset: DatasetSpec, reading: DataReading): EncodedInput {
  const rows = parseRows(source);
  rows.forEach(({ tree, place }) =>
    requireLeaves(postOrder(tree).filter(({ word }) => word !== undefined).length, place, dataset),
  );
  const { inputVocabulary = [] } = reading;
  const trees = joined(
    rows.map(({ tree }) => tree),
    { word: numberer(inputVocabulary), label: () => 0 },
  );
  return { inputs: trees, places: rows.map(({ place }) => place) };
}

function requireLeaves(leaves: number, place: string, { maximumSteps }: DatasetSpec): void {
  if (leaves > maximumSteps)
    throw new DatasetError(
      `${place}: the tree has ${leaves} words, more than dataset.maximumSteps, ${maximumSteps}; raise it: trees cannot be cut`,
    );
}

/** The nodes of a tree in post-order, so that the root is last. */
function postOrder(tree: TreeNode): TreeNode[] {
  const nodes: TreeNode[] = [];
  const walk = (node: TreeNode): void => {
    node.children.forEach(walk);
    nodes.push(node);
  };
  walk(tree);
  return nodes;
}

type Numbers = Record<'word' | 'label', (symbol: string) => number>;

function joined(trees: readonly TreeNode[], { word, label }: Numbers): Trees {
  const each = trees.map(postOrder);
  const nodes = each.flat();
  const placeIn = each.map((own) => new Map(own.map((node, index) => [node, index])));
  const below = each.flatMap((own, tree) =>
    own.map((node) => node.children.map((child) => placeIn[tree]!.get(child)!)),
  );
  return {
    count: trees.length,
    offsets: ends(each.map(({ length }) => length)),
    words: Int32Array.from(nodes, (node) => (node.word === undefined ? -1 : word(node.word))),
    labels: Int32Array.from(nodes, (node) => label(node.label)),
    childOffsets: ends(below.map(({ length }) => length)),
    children: Int32Array.from(below.flat()),
  };
}

/** Cumulative sums of lengths, starting at 0. */
function ends(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1);
  lengths.forEach((length, index) => (offsets[index + 1] = offsets[index]! + length));
  return offsets;
}

const rootClasses = ({ offsets, labels }: Trees): number[] =>
  Array.from(offsets.subarray(1), (end) => labels[end - 1]!);

/** The baseline of the most frequent root class of the training part: its share of the validation roots. */
function mostFrequentRoot({ train, validation }: TreeData): Baseline {
  const counts = new Map<number, number>();
  for (const each of rootClasses(train)) counts.set(each, (counts.get(each) ?? 0) + 1);
  const [frequent] = [...counts].sort(([a, m], [b, n]) => n - m || a - b)[0]!;
  const held = rootClasses(validation);
  const rights = held.filter((each) => each === frequent).length;
  return { name: 'most frequent class', metrics: { 'validation.accuracy': rights / held.length } };
}
