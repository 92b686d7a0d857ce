import { deepest, part, refusals, parseSyntax, tooDeep, type Syntax } from './expression-syntax';

const functions = { min: Math.min, max: Math.max, abs: Math.abs, log2: Math.log2, floor: Math.floor, ceil: Math.ceil };
const operations = {
  '+': (a: number, b: number) => a + b,
  '-': (a: number, b: number) => a - b,
  '*': (a: number, b: number) => a * b,
  '/': (a: number, b: number) => a / b,
  '^': (a: number, b: number) => a ** b,
} as const;
const comparisons = {
  '<': (a: number, b: number) => a < b,
  '<=': (a: number, b: number) => a <= b,
  '>': (a: number, b: number) => a > b,
  '>=': (a: number, b: number) => a >= b,
} as const;

const hasKey = <Table extends object>(table: Table, key: PropertyKey): key is keyof Table => Object.hasOwn(table, key);

type Value = number | string | boolean;
/** The value of a name; undefined if the configuration does not have it. */
export type Lookup = (name: string) => unknown;
type Evaluate = (lookup: Lookup) => Value;

/** A condition that configurations must meet. */
export interface Constraint {
  text: string;
  /** The names that it uses, each once. */
  names: readonly string[];
  /** Whether it holds. It also holds if it refers to a name that the configuration does not have. */
  holds: (lookup: Lookup) => boolean;
}

class Missing extends Error {}

/**
 * Parses a condition on parameters, such as `hiddenSize * layers <= 512` or `cell == "rnn" or layers < 3`: numbers, strings, true,
 * false, names of keys (`hiddenSize`, or the full path `model.hiddenSize`), + - * / ^, < <= > >= == !=, and, or, not, parentheses and
 * the functions min, max, abs, log2, floor, ceil. Parsed by mathjs, never evaluated as code. Throws Error with a one-line message.
 */
export function parseConstraint(text: string): Constraint {
  if (text.trim() === '') throw new Error('a condition such as hiddenSize * layers <= 512 is missing');
  const names = new Set<string>();
  const syntax = parseSyntax(text);
  if (!isCondition(syntax))
    throw new Error(`${part(syntax)} is not a condition: it must compare, as in hiddenSize <= 512`);
  const evaluate = evaluator(syntax, names, 1);
  if (names.size === 0) throw new Error('names no parameter');
  return {
    text,
    names: [...names],
    holds(lookup) {
      try {
        return evaluate(lookup) === true;
      } catch (error) {
        if (error instanceof Missing) return true;
        throw error;
      }
    },
  };
}

/** The error of a condition, in one line; undefined if it is valid. */
export function constraintError(text: string): string | undefined {
  try {
    parseConstraint(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function isCondition(syntax: Syntax): boolean {
  if (syntax.type === 'ParenthesisNode') return isCondition(syntax.content);
  return (
    syntax.type === 'OperatorNode' &&
    (hasKey(comparisons, syntax.op) || ['==', '!=', 'and', 'or', 'not'].includes(syntax.op))
  );
}

function evaluator(syntax: Syntax, names: Set<string>, depth: number): Evaluate {
  if (depth > deepest) throw tooDeep();
  const inner = (each: Syntax): Evaluate => evaluator(each, names, depth + 1);
  switch (syntax.type) {
    case 'ParenthesisNode':
      return inner(syntax.content);
    case 'ConstantNode': {
      const { value } = syntax;
      if (!['number', 'string', 'boolean'].includes(typeof value)) throw new Error(`${part(syntax)} is not allowed`);
      return () => value as Value;
    }
    case 'SymbolNode':
    case 'AccessorNode':
      return named(parsePath(syntax), names);
    case 'OperatorNode':
      return operator(syntax, inner);
    case 'FunctionNode':
      return call(syntax, inner);
    default:
      throw new Error(
        `${part(syntax)} is not allowed${hasKey(refusals, syntax.type) ? `: ${refusals[syntax.type]}` : ''}`,
      );
  }
}

/** A name, or names joined by dots: what mathjs parses as property access is the path of a key. */
function parsePath(syntax: Syntax): string {
  const path = syntax.toString();
  if (!/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/.test(path)) throw new Error(`${part(syntax)} is not the name of a parameter`);
  return path;
}

function named(name: string, names: Set<string>): Evaluate {
  if (name === 'true' || name === 'false') return () => name === 'true';
  names.add(name);
  return (lookup) => {
    const value = lookup(name);
    if (value === undefined) throw new Missing(name);
    return value as Value;
  };
}

function operator(syntax: Extract<Syntax, { type: 'OperatorNode' }>, inner: (each: Syntax) => Evaluate): Evaluate {
  const { op, args, implicit } = syntax;
  if (implicit) throw new Error(`${part(syntax)} is not allowed: write * between the two`);
  const [left, right] = args.map(inner) as [Evaluate, Evaluate | undefined];
  if (!right) {
    if (op === 'not') return (lookup) => left(lookup) !== true;
    if (op === '-') return (lookup) => -number(left(lookup));
    throw new Error(`the operator ${op} in ${part(syntax)} is not allowed`);
  }
  if (op === '==') return (lookup) => left(lookup) === right(lookup);
  if (op === '!=') return (lookup) => left(lookup) !== right(lookup);
  if (op === 'and') return (lookup) => left(lookup) === true && right(lookup) === true;
  if (op === 'or') return (lookup) => left(lookup) === true || right(lookup) === true;
  if (hasKey(operations, op)) return (lookup) => operations[op](number(left(lookup)), number(right(lookup)));
  if (hasKey(comparisons, op)) return (lookup) => comparisons[op](number(left(lookup)), number(right(lookup)));
  throw new Error(`the operator ${op} in ${part(syntax)} is not allowed`);
}

/** NaN for a value that is not a number, so that comparisons with it are false. */
const number = (value: Value): number => (typeof value === 'number' ? value : NaN);

function call(syntax: Extract<Syntax, { type: 'FunctionNode' }>, inner: (each: Syntax) => Evaluate): Evaluate {
  const name = syntax.fn.toString();
  if (!hasKey(functions, name))
    throw new Error(`unknown function ${name}; known functions: ${Object.keys(functions).join(', ')}`);
  const values = syntax.args.map(inner);
  if (values.length === 0) throw new Error(`${part(syntax)} is not allowed: ${name} takes a value`);
  const compute: (...of: number[]) => number = functions[name];
  return (lookup) => compute(...values.map((each) => number(each(lookup))));
}
