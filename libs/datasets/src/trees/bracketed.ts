import { DatasetError } from '../prepared/data';

/** A node of a tree: a leaf with its word, or an inner node with its children. */
export interface TreeNode {
  label: string;
  word?: string;
  children: TreeNode[];
}

/** Maximum depth: trees are walked recursively. */
const deepest = 1000;

/**
 * Parses a bracketed tree, `(3 (2 It) (4 (2 works) (2 .)))`: each pair of brackets has a label, then a word or at least one tree.
 * @throws DatasetError for missing brackets or labels, with `place` and the column
 */
export function parseTree(text: string, place: string): TreeNode {
  const pieces = [...text.matchAll(/[()]|[^()\s]+/g)];
  let at = 0;
  const refuse = (what: string): never => {
    const column = (pieces[at]?.index ?? text.length) + 1;
    throw new DatasetError(`${place}, column ${column}: ${what}; a tree looks like (3 (2 It) (4 works))`);
  };
  const isSymbol = (piece: string | undefined): piece is string =>
    piece !== undefined && piece !== '(' && piece !== ')';
  const take = (): string | undefined => pieces[at++]?.[0];
  const peek = (): string | undefined => pieces[at]?.[0];
  const node = (depth: number): TreeNode => {
    if (peek() !== '(') refuse('a bracket "(" is missing');
    if (depth > deepest) refuse(`more than ${deepest} nested brackets`);
    at++;
    if (!isSymbol(peek())) refuse('a label is missing');
    const label = take()!;
    const children: TreeNode[] = [];
    const word = isSymbol(peek()) ? take() : undefined;
    while (word === undefined && peek() === '(') children.push(node(depth + 1));
    if (word === undefined && children.length === 0) refuse('a word or a tree is missing');
    if (peek() !== ')') refuse('a bracket ")" is missing');
    at++;
    return word === undefined ? { label, children } : { label, word, children };
  };
  const tree = node(1);
  if (at < pieces.length) refuse('one tree ends, and more follows');
  return tree;
}
