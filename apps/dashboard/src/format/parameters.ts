import { setting } from './number';

/** The last part of a path: `learningRate` for `training.learningRate`. */
export const shortPath = (path: string): string => path.split('.').at(-1) ?? path;

/** A parameter value as text. */
export function parameterText(value: unknown): string {
  if (typeof value === 'number') return setting(value);
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return 'none';
  if (typeof value === 'object' && 'kind' in value && Object.keys(value).length === 1) return String(value.kind);
  return JSON.stringify(value);
}

/** Parameters on one line, named by the last part of their paths: `cell gru, learningRate 0.003`. */
export function parametersText(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([path, value]) => `${shortPath(path)} ${parameterText(value)}`)
    .join(', ');
}

/** The leaves of a nested object by path; lists count as leaves. */
export function leaves(value: unknown, path = ''): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]];
  return Object.entries(value).flatMap(([key, child]) => leaves(child, path ? `${path}.${key}` : key));
}
