import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { sweepKeys } from '@unroll/contracts';

/** The keys of a sweep by parent path: `training` contains `learningRate`. */
const byParent = new Map<string, Completion[]>();
for (const { path, type, description } of sweepKeys()) {
  // Options of one variant carry its name, as in `training.optimizer (sgd).momentum`; all variants are offered.
  const keys = path.replaceAll(/ \([^)]*\)/g, '').split('.');
  const label = keys.pop()!;
  const parent = keys.join('.');
  const known = byParent.get(parent) ?? [];
  if (!known.some((one) => one.label === label))
    known.push({
      label,
      type: 'property',
      detail: type.length > 40 ? `${type.slice(0, 39)}…` : type,
      info: description,
      apply: `${label}: `,
    });
  byParent.set(parent, known);
}

/** The parent path of the last line, by indentation. */
export function parentPath(lines: readonly string[]): string {
  let indent = /^ */.exec(lines.at(-1) ?? '')![0].length;
  const path: string[] = [];
  for (const line of lines.slice(0, -1).toReversed()) {
    const [, space = '', key] = /^( *)([\w$]+):/.exec(line) ?? [];
    if (key === undefined || space.length >= indent) continue;
    path.unshift(key);
    indent = space.length;
  }
  return path.join('.');
}

/** Completes the keys allowed at the cursor by the contract. */
export function complete(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const before = line.text.slice(0, context.pos - line.from);
  if (!/^ *\w*$/.test(before) || (before.trim() === '' && !context.explicit)) return null;
  const lines = context.state.sliceDoc(0, context.pos).split('\n');
  const options = byParent.get(parentPath(lines));
  return options ? { from: context.pos - before.trimStart().length, options, validFor: /^\w*$/ } : null;
}
