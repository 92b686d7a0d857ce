import { parse } from 'mathjs/number';
import { nearest } from './strict';

/** Longest expression. Unit: characters. */
const longest = 500;
/** Deepest expression. Unit: operations within one another. */
export const deepest = 50;

/** What is read of the tree that mathjs makes of a text. */
export type Syntax = { toString(): string } & (
  | { type: 'ParenthesisNode'; content: Syntax }
  | { type: 'ConstantNode'; value: unknown }
  | { type: 'SymbolNode'; name: string }
  | { type: 'OperatorNode'; op: string; args: Syntax[]; implicit?: boolean }
  | { type: 'FunctionNode'; fn: Syntax; args: Syntax[] }
  | { type: 'ConditionalNode'; condition: Syntax; trueExpr: Syntax; falseExpr: Syntax }
  | { type: keyof typeof refusals }
);

/** The other kinds of node, all of which are refused. */
export const refusals = {
  AccessorNode: 'nothing has parts',
  ArrayNode: 'there are no lists',
  AssignmentNode: 'nothing is assigned',
  BlockNode: 'it is one expression',
  FunctionAssignmentNode: 'no functions are defined',
  IndexNode: 'nothing has parts',
  ObjectNode: 'there are no objects',
  RangeNode: 'there are no ranges',
  RelationalNode: 'two values are compared, not more',
} as const;

const position = (index: number): string => ` at character ${index + 1}`;

/** The tree of a text. At most 500 characters and 50 levels. Throws Error with one line where it has none. */
export function syntaxOf(text: string): Syntax {
  if (text.length > longest) throw new Error(`longer than ${longest} characters`);
  // mathjs would read x% as x / 100, and skip a comment.
  const strange = /[%#]/.exec(text);
  if (strange) throw new Error(`${strange[0]}${position(strange.index)} is not allowed`);
  if (nesting(text) > deepest) throw tooDeep();
  try {
    // eslint-disable-next-line no-restricted-syntax -- mathjs types its nodes without their fields
    return parse(text) as unknown as Syntax;
  } catch (error) {
    const message = oneLine((error as Error).message).replace(/ \(char (\d+)\)$/, ' at character $1');
    throw new Error(`cannot be read: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, { cause: error });
  }
}

/** How many parentheses are open at once: each takes the parser some twenty calls, and hundreds of them all of the stack. */
function nesting(text: string): number {
  let [open, most] = [0, 0];
  for (const character of text) {
    if (character === '(') open += 1;
    if (character === ')') open -= 1;
    most = Math.max(most, open);
  }
  return most;
}

const oneLine = (text: string): string => text.replaceAll(/[\s\p{Cc}]+/gu, ' ');

export const tooDeep = (): Error => new Error(`nested deeper than ${deepest} levels`);

/** The part of an expression that is refused, as long as one line can show it. */
export function part(syntax: Syntax): string {
  const text = oneLine(syntax.toString());
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** ` at character N`, where a name stands in a text. */
export function whereIs(name: string, text: string): string {
  const words = [...text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)];
  const found = words.find(([word]) => word === name);
  return found ? position(found.index) : '';
}

export function hint(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return near === undefined ? `; known are ${candidates.join(', ')}` : `; did you mean ${near}?`;
}
