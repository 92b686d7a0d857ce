import { deepest, hint, part, refusals, parseSyntax, tooDeep, whereIs, type Syntax } from './expression-syntax';

const names = ['prediction', 'target'] as const;
const unaryFunctions = ['abs', 'exp', 'log', 'log1p', 'sqrt', 'square', 'tanh', 'sigmoid', 'cosh', 'sign'] as const;
const comparisons = ['<', '<=', '>', '>=', '==', '!='] as const;
const operations = new Map<string, LossOperation>([
  ['+', 'add'],
  ['-', 'subtract'],
  ['*', 'multiply'],
  ['/', 'divide'],
  ['^', 'power'],
]);
const binaryFunctions = new Map<string, LossOperation>([
  ['min', 'minimum'],
  ['max', 'maximum'],
  ['pow', 'power'],
]);
const functions: readonly string[] = [...unaryFunctions, ...binaryFunctions.keys()];

export type LossFunction = (typeof unaryFunctions)[number] | 'negative';
export type LossOperation = 'add' | 'subtract' | 'multiply' | 'divide' | 'power' | 'minimum' | 'maximum';

/** The loss of one element, as a function of its prediction and target. `sigmoid` is 1 / (1 + e^−x), `log` the natural logarithm. */
export type LossNode =
  | { kind: 'number'; value: number }
  | { kind: (typeof names)[number] }
  | { kind: 'function'; name: LossFunction; of: LossNode }
  | { kind: 'operation'; name: LossOperation; left: LossNode; right: LossNode }
  | { kind: 'choice'; condition: LossCondition; then: LossNode; otherwise: LossNode };

export interface LossCondition {
  comparison: (typeof comparisons)[number];
  left: LossNode;
  right: LossNode;
}

/** Larger numbers are infinite in float32. */
const largestNumber = 3.4e38;

/**
 * Parses the expression of a loss, such as `abs(prediction - target)^1.5`: numbers, `prediction`, `target`, + - * / ^, parentheses,
 * `a < b ? c : d` with any of < <= > >= == !=, and the functions abs, exp, log, log1p, sqrt, square, tanh, sigmoid, cosh, sign,
 * min, max, pow. Parsed by mathjs, with its precedence (a conditional between ? and : needs parentheses), never evaluated as code. At
 * most 500 characters and 50 levels. Throws Error with a one-line message that names what is not allowed.
 */
export function parseLossExpression(text: string): LossNode {
  if (text.trim() === '') throw new Error('an expression of prediction and target is missing');
  const tree = toNode(parseSyntax(text), { text, depth: 1 });
  if (!isDifferentiable(tree)) throw new Error('prediction must be used, and not only in a condition');
  return tree;
}

/** The error of a loss expression, in one line; undefined if it is valid. */
export function lossExpressionError(text: string): string | undefined {
  try {
    parseLossExpression(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

interface Place {
  text: string;
  depth: number;
}

function toNode(syntax: Syntax, { text, depth }: Place): LossNode {
  if (depth > deepest) throw tooDeep();
  const inner = (each: Syntax): LossNode => toNode(each, { text, depth: depth + 1 });
  switch (syntax.type) {
    case 'ParenthesisNode':
      return toNode(syntax.content, { text, depth });
    case 'ConstantNode':
      return { kind: 'number', value: toNumber(syntax.value) };
    case 'SymbolNode':
      return { kind: toName(syntax.name, text) };
    case 'OperatorNode':
      return toOperation(syntax, inner);
    case 'FunctionNode':
      return toFunction(syntax, text, inner);
    case 'ConditionalNode':
      return {
        kind: 'choice',
        condition: toCondition(syntax.condition, inner),
        then: inner(syntax.trueExpr),
        otherwise: inner(syntax.falseExpr),
      };
    default:
      throw new Error(`${part(syntax)} is not allowed: ${refusals[syntax.type] ?? 'it is not arithmetic'}`);
  }
}

function toNumber(value: unknown): number {
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(value)} is not a number`);
  if (!(Math.abs(value) < largestNumber)) throw new Error(`${value} is not a number below ${largestNumber}`);
  return value;
}

function toName(name: string, text: string): (typeof names)[number] {
  const known = names.find((each) => each === name);
  if (known) return known;
  if (functions.includes(name)) throw new Error(`${name}${whereIs(name, text)} is a function and needs parentheses`);
  throw new Error(`unknown name ${name}${whereIs(name, text)}${hint(name, names)}`);
}

type OperatorSyntax = Extract<Syntax, { type: 'OperatorNode' }>;

function toOperation(syntax: OperatorSyntax, inner: (each: Syntax) => LossNode): LossNode {
  const { op, args, implicit } = syntax;
  const [left, right] = args as [Syntax, Syntax | undefined];
  if (implicit) throw new Error(`${part(syntax)} is not allowed: write * between the two`);
  if (op === '-' && !right) return { kind: 'function', name: 'negative', of: inner(left) };
  if (isComparison(op)) throw new Error(`${part(syntax)} is not allowed: a comparison is only allowed before a ?`);
  const name = operations.get(op);
  if (!name || !right) throw new Error(`the operator ${op} in ${part(syntax)} is not allowed`);
  return { kind: 'operation', name, left: inner(left), right: inner(right) };
}

function toFunction(
  syntax: Extract<Syntax, { type: 'FunctionNode' }>,
  text: string,
  inner: (each: Syntax) => LossNode,
): LossNode {
  // A property access, which has a name too, may be called.
  if (syntax.fn.type !== 'SymbolNode') throw new Error(`${part(syntax)} is not allowed: ${refusals.AccessorNode}`);
  const { name } = syntax.fn;
  const ofOne = unaryFunctions.find((each) => each === name);
  const ofTwo = binaryFunctions.get(name);
  if (!ofOne && !ofTwo) throw new Error(`unknown function ${name}${whereIs(name, text)}${hint(name, functions)}`);
  const [left, right] = syntax.args as [Syntax, Syntax];
  if (syntax.args.length !== (ofOne ? 1 : 2))
    throw new Error(`${part(syntax)} is not allowed: ${name} takes ${ofOne ? 'one value' : 'two values'}`);
  return ofOne
    ? { kind: 'function', name: ofOne, of: inner(left) }
    : { kind: 'operation', name: ofTwo!, left: inner(left), right: inner(right) };
}

const isComparison = (op: string): op is LossCondition['comparison'] => comparisons.some((each) => each === op);

function toCondition(syntax: Syntax, inner: (each: Syntax) => LossNode): LossCondition {
  if (syntax.type === 'ParenthesisNode') return toCondition(syntax.content, inner);
  if (syntax.type !== 'OperatorNode' || !isComparison(syntax.op))
    throw new Error(`${part(syntax)} is not allowed before a ?: it must compare, as in target > 0`);
  const [left, right] = syntax.args as [Syntax, Syntax];
  return { comparison: syntax.op, left: inner(left), right: inner(right) };
}

/** Whether a gradient reaches the prediction. */
function isDifferentiable(node: LossNode): boolean {
  switch (node.kind) {
    case 'prediction':
      return true;
    case 'function':
      return isDifferentiable(node.of);
    case 'operation':
      return isDifferentiable(node.left) || isDifferentiable(node.right);
    case 'choice':
      return isDifferentiable(node.then) || isDifferentiable(node.otherwise);
    default:
      return false;
  }
}
