import { parse } from 'mathjs/number';
import { nearest } from './strict';

/** Longest expression. Unit: characters. */
const longest = 500;
/** Deepest expression. Unit: nested operations. */
export const deepest = 50;

/** The parts of mathjs' syntax tree that are used. */
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
  AccessorNode: 'values have no properties',
  ArrayNode: 'there are no lists',
  AssignmentNode: 'there are no assignments',
  BlockNode: 'give a single expression',
  FunctionAssignmentNode: 'functions cannot be defined',
  IndexNode: 'values have no properties',
  ObjectNode: 'there are no objects',
  RangeNode: 'there are no ranges',
  RelationalNode: 'a comparison takes two values',
} as const;

const position = (index: number): string => ` at character ${index + 1}`;

/** Parses a text of at most 500 characters and 50 levels into a syntax tree. Throws Error with a one-line message. */
export function parseSyntax(text: string): Syntax {
  if (text.length > longest) throw new Error(`longer than ${longest} characters`);
  // mathjs would read x% as x / 100, and skip a comment.
  const strange = /[%#]/.exec(text);
  if (strange) throw new Error(`${strange[0]}${position(strange.index)} is not allowed`);
  if (nesting(text) > deepest) throw tooDeep();
  try {
    // eslint-disable-next-line eslint-core/no-restricted-syntax -- mathjs types its nodes without their fields
    return parse(text) as unknown as Syntax;
  } catch (error) {
    const message = oneLine((error as Error).message).replace(/ \(char (\d+)\)$/, ' at character $1');
    throw new Error(`cannot be read: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, { cause: error });
  }
}

/** The depth of parentheses: each takes the parser about twenty nested calls, and hundreds would overflow the stack. */
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

/** The refused part of an expression, shortened to fit on one line. */
export function part(syntax: Syntax): string {
  const text = oneLine(syntax.toString());
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** ` at character N`: the position of a name in a text. */
export function whereIs(name: string, text: string): string {
  const words = [...text.matchAll(/[\p{L}_$][\p{L}\p{N}_$]*/gu)];
  const found = words.find(([word]) => word === name);
  return found ? position(found.index) : '';
}

export function hint(name: string, candidates: readonly string[]): string {
  const near = nearest(name, candidates);
  return near === undefined ? `; known names: ${candidates.join(', ')}` : `; did you mean ${near}?`;
}
