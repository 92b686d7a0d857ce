import { getOptions, isDistribution } from '@unroll/contracts';
import { almostOne, isLogarithmic, toDimension, toPosition, snap, valueAt, type Dimension } from './dimension';
import { boundedGridSize, gridSize, isTree, join, type Drawn, type Parameters } from './space';

/** A position for every dimension of a space; NaN if it does not exist under the chosen options, or is not given. */
export type Point = Float64Array;

/** A tree with numbered distributions. */
type Node =
  | { kind: 'value'; value: unknown }
  | { kind: 'record'; entries: [key: string, node: Node][] }
  | { kind: 'number'; dimension: number }
  | { kind: 'list'; dimension: number; options: { value: unknown; node: Node; flat: Parameters }[] };

/** A parsed search space. */
export interface Space {
  readonly tree: unknown;
  readonly dimensions: readonly Dimension[];
  /** Number of points spanned by the grids. */
  readonly gridSize: number;
  readonly root: Node;
}

const spaces = new WeakMap<object, Space>();

/** The space of a tree of values and distributions. @throws ValidationError for grids too large or inside a choice */
export function toSpace(tree: object): Space {
  const known = spaces.get(tree);
  if (known) return known;
  const size = boundedGridSize(tree);
  const dimensions: Dimension[] = [];
  const space = { tree, dimensions, gridSize: size, root: toNode(tree, '', undefined, dimensions) };
  spaces.set(tree, space);
  return space;
}

function toNode(value: unknown, path: string, within: Dimension['within'], dimensions: Dimension[]): Node {
  if (!isTree(value)) return { kind: 'value', value };
  if (!isDistribution(value))
    return {
      kind: 'record',
      entries: Object.entries(value).map(([key, child]) => [key, toNode(child, join(path, key), within, dimensions)]),
    };
  const dimension = dimensions.length;
  const isInside = within && dimensions[within.dimension]!.path === path;
  dimensions.push(toDimension(path, value, within, isInside ? `${path}[${within.option}]` : path));
  if (!dimensions[dimension]!.isList) return { kind: 'number', dimension };
  const options = getOptions(value).map((each, option) => ({
    value: each,
    node: toNode(each, path, { dimension, option }, dimensions),
    flat: flatten(path, each),
  }));
  return { kind: 'list', dimension, options };
}

/**
 * An option as flat parameters: a plain value, or an object by its kind, if any, and its other plain leaves. A kind is a word: a number
 * under that name is a value like any other, such as the weight of a class that is called so.
 */
export function flatten(path: string, option: unknown): Parameters {
  if (!isTree(option)) return { [path]: option };
  if (isDistribution(option)) return {};
  return Object.assign(
    {},
    ...Object.entries(option).map(([key, child]) =>
      flatten(key === 'kind' && typeof child === 'string' ? path : join(path, key), child),
    ),
  ) as Parameters;
}

/** The number at a position of a range, or the real number that is given for it, which the position would round. */
export const numberAt = (dimension: Dimension, position: number, given: Parameters): unknown =>
  dimension.levels === Infinity && Object.hasOwn(given, dimension.path)
    ? given[dimension.path]
    : valueAt(dimension, position);

/**
 * The configuration at the positions given by `at`, called once per existing dimension. `given`: numbers by their paths, where a position
 * would round a real number. Pure.
 */
export function drawAt(space: Space, at: (dimension: number) => number, given: Parameters = {}): Drawn {
  const parameters: Parameters = {};
  const visit = (node: Node): unknown => {
    if (node.kind === 'value') return node.value;
    if (node.kind === 'record') return Object.fromEntries(node.entries.map(([key, child]) => [key, visit(child)]));
    const dimension = space.dimensions[node.dimension]!;
    if (node.kind === 'number') return (parameters[dimension.path] = numberAt(dimension, at(node.dimension), given));
    const option = node.options[valueAt(dimension, at(node.dimension))]!;
    Object.assign(parameters, option.flat);
    return visit(option.node);
  };
  return { tree: visit(space.root), parameters };
}

/**
 * The point with `fixed` positions, and positions from `at` for all other existing dimensions. Discrete values are moved to the middle
 * of their cells, so that equal configurations have equal points.
 */
export function pointAt({ dimensions }: Space, fixed: Point, at: (dimension: number) => number): Point {
  const point = new Float64Array(dimensions.length).fill(NaN);
  for (const [index, dimension] of dimensions.entries()) {
    if (!exists(point, dimension, dimensions)) continue;
    point[index] = snap(
      dimension,
      Math.min(almostOne, Math.max(0, Number.isNaN(fixed[index]!) ? at(index) : fixed[index]!)),
    );
  }
  return point;
}

/** Whether a dimension exists under the options chosen by a point. Lists precede the dimensions within them. */
export function exists(point: Point, { within }: Dimension, dimensions: readonly Dimension[]): boolean {
  return (
    !within ||
    (!Number.isNaN(point[within.dimension]!) &&
      valueAt(dimensions[within.dimension]!, point[within.dimension]!) === within.option)
  );
}

/** Whether a point has a position for every dimension that exists under its options. */
export const isWhole = ({ dimensions }: Space, point: Point): boolean =>
  dimensions.every((each, index) => !Number.isNaN(point[index]!) || !exists(point, each, dimensions));

/** A parameter as a chart axis: categories in the order of the sweep, or a range. */
export interface Axis {
  path: string;
  scale: 'linear' | 'log' | 'category';
  values: unknown[];
}

/** The axes of all parameters of a space. A parameter that is a range in any option has a range axis. */
export function toAxes({ root, dimensions }: Space): Axis[] {
  const axes = new Map<string, Axis>();
  const visit = (node: Node): void => {
    if (node.kind === 'record') for (const [, child] of node.entries) visit(child);
    if (node.kind === 'number') {
      const { path, distribution } = dimensions[node.dimension]!;
      axes.set(path, { path, scale: isLogarithmic(distribution) ? 'log' : 'linear', values: [] });
    }
    if (node.kind !== 'list') return;
    for (const option of node.options) {
      for (const [path, value] of Object.entries(option.flat)) {
        const axis = axes.get(path) ?? { path, scale: 'category', values: [] };
        if (axis.scale === 'category' && !axis.values.some((each) => same(each, value))) axis.values.push(value);
        axes.set(path, axis);
      }
      visit(option.node);
    }
  };
  visit(root);
  return [...axes.values()];
}

/** A point with every dimension free. */
export const freePoint = ({ dimensions }: Space): Point => new Float64Array(dimensions.length).fill(NaN);

/** The position of an option of a list, and of the options that the list depends on; all others are free. */
export function optionPoint(space: Space, dimension: number, option: number): Point {
  const point = freePoint(space);
  for (let at: Dimension['within'] = { dimension, option }; at; at = space.dimensions[at.dimension]!.within)
    point[at.dimension] = (at.option + 0.5) / space.dimensions[at.dimension]!.levels;
  return point;
}

/** The positions fixed by the grids at point `index` of their product, 0 ≤ index < gridSize; all others are free. */
export function gridPoint(space: Space, index: number): Point {
  const point = freePoint(space);
  const visit = (node: Node, value: unknown, rest: number): void => {
    if (node.kind === 'record') {
      let left = rest;
      for (const [key, child] of node.entries) {
        const size = gridSize((value as Record<string, unknown>)[key]);
        visit(child, (value as Record<string, unknown>)[key], left % size);
        left = Math.floor(left / size);
      }
    }
    if (node.kind !== 'list' || !space.dimensions[node.dimension]!.isGrid) return;
    let left = rest;
    for (const [number, option] of node.options.entries()) {
      const size = gridSize(option.value);
      if (left < size) {
        point[node.dimension] = (number + 0.5) / node.options.length;
        return visit(option.node, option.value, left);
      }
      left -= size;
    }
    throw new RangeError(`the grid has no point ${index}`);
  };
  visit(space.root, space.tree, index);
  return point;
}

/**
 * The point of a configuration given by parameters, NaN for omitted dimensions; and the paths of parameters that are unknown or outside
 * the space.
 */
export function toPoint(space: Space, parameters: Parameters): { point: Point; unknown: string[] } {
  const point = freePoint(space);
  const used = new Set<string>();
  const visit = (node: Node): void => {
    if (node.kind === 'record') for (const [, child] of node.entries) visit(child);
    if (node.kind === 'number') {
      const dimension = space.dimensions[node.dimension]!;
      const position = toPosition(dimension, parameters[dimension.path]);
      if (position === undefined) return;
      point[node.dimension] = position;
      used.add(dimension.path);
    }
    if (node.kind !== 'list') return;
    const number = findOption(space, node.options, parameters);
    if (number < 0) return;
    const option = node.options[number]!;
    point[node.dimension] = (number + 0.5) / node.options.length;
    for (const [path, value] of Object.entries(option.flat)) used.add(placeOf(parameters, path, value) ?? path);
    visit(option.node);
  };
  visit(space.root);
  return { point, unknown: Object.keys(parameters).filter((path) => !used.has(path)) };
}

interface Option {
  node: Node;
  flat: Parameters;
}

/** The option that the parameters match, the one that says most if there are several; −1 if there is none. */
function findOption(space: Space, options: readonly Option[], parameters: Parameters): number {
  const said = options.map((option) => (agrees(space, option, parameters) ? Object.keys(option.flat).length : -1));
  return said.some((count) => count >= 0) ? said.indexOf(Math.max(...said)) : -1;
}

/** Whether the parameters match an option in at least one leaf and contradict none. */
function agrees(space: Space, { node, flat }: Option, parameters: Parameters): boolean {
  const plain = Object.entries(flat);
  if (!plain.every(([path, value]) => placeOf(parameters, path, value) !== undefined)) return false;
  const leaves = numbersIn(node);
  const given = leaves.filter((leaf) => Object.hasOwn(parameters, space.dimensions[leaf]!.path));
  const fits = given.every(
    (leaf) => toPosition(space.dimensions[leaf]!, parameters[space.dimensions[leaf]!.path]) !== undefined,
  );
  return fits && (plain.length > 0 || given.length > 0);
}

/** Where the parameters have a value of an option. A name alone is short for an object with it, which is what a trial has. */
function placeOf(parameters: Parameters, path: string, value: unknown): string | undefined {
  if (Object.hasOwn(parameters, path)) return same(parameters[path], value) ? path : undefined;
  const other = path.endsWith('.name') ? path.slice(0, -'.name'.length) : `${path}.name`;
  return typeof value === 'string' && parameters[other] === value ? other : undefined;
}

const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The ranges that exist whenever a node does. */
function numbersIn(node: Node): number[] {
  if (node.kind === 'number') return [node.dimension];
  return node.kind === 'record' ? node.entries.flatMap(([, child]) => numbersIn(child)) : [];
}
