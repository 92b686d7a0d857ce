import { ValidationError } from '@unroll/contracts';
import type { Parameter } from './parameter';

const refusal = (message: string): ValidationError => new ValidationError([{ path: 'training.freeze', message }]);

/** The group of a name's first part, where that is not a group of its own. */
const groups: Record<string, string> = { output: 'head', attention: 'head', autoregression: 'head' };

/** The group of a weight: the first part of its name, or `head` for everything between the body and the answer. */
const freezeGroup = (name: string): string => {
  const [first = name] = name.split('.', 1);
  return groups[first] ?? first;
};

/** Whether a weight belongs to the head, which a new head replaces. */
export const isOfHead = (name: string): boolean => freezeGroup(name) === 'head';

/** Whether `freeze` names a weight, or its group. */
export const isFrozen = (freeze: readonly string[], name: string): boolean =>
  freeze.includes(name) || freeze.includes(freezeGroup(name));

/**
 * The weights that are trained and those that are frozen. `freeze` names weights or groups of them. Throws ValidationError
 * for a name that is neither, and if nothing would be trained.
 */
export function frozenApart(
  parameters: readonly Parameter[],
  freeze: readonly string[],
): { learned: Parameter[]; frozen: Parameter[] } {
  const known = new Set(parameters.flatMap(({ name }) => [freezeGroup(name), name]));
  const unknown = freeze.find((name) => !known.has(name));
  if (unknown !== undefined)
    throw refusal(`there are no weights ${JSON.stringify(unknown)}; there are ${[...known].join(', ')}`);
  const rests = ({ name }: Parameter): boolean => isFrozen(freeze, name);
  const learned = parameters.filter((each) => !rests(each));
  if (learned.every(({ buffer }) => buffer)) throw refusal('nothing would be left to train; freeze less');
  return { learned, frozen: parameters.filter(rests) };
}
