import { activations } from './activations';
import { entryPoint, type Shader } from './shader';

/*
 * Nodes of child-sum tree-LSTMs (Tai, Socher & Manning 2015) of all lanes, what is between their products: a thread for a unit of a node.
 * States are h and c side by side. Numbers of all: count (nodes · hidden), hidden, arity, across.
 */
const numbers = ['count', 'hidden', 'arity', 'across'] as const;
const floats = (...names: readonly string[]): Shader['inputs'] => names.map((name) => [name, 'f32'] as const);

/** `H` units; unit `j` of `node`, whose children begin at `first`. */
const forUnits = (body: string): string => `
${activations}
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let H = size.hidden;
  let node = at / H;
  let j = at % H;
  let first = node * size.arity;
  ${body}
}`;
const eachChild = (body: string): string => `for (var child = first; child < first + size.arity; child++) { ${body} }`;

/** h of each child, [node, arity, hidden], and its sum over those of a node. Input: children [node, arity, 2·hidden]. */
export const treeSumsShader: Shader = {
  key: 'tree sums',
  outputs: ['h', 'sums'],
  inputs: floats('children'),
  numbers,
  code: forUnits(`var sum = 0.0;
  ${eachChild('let own = children[child * 2u * H + j]; h[child * H + j] = own; sum += own;')}
  sums[at] = sum;`),
};

/**
 * Nodes from the sums of their gates i, g, o [node, 3·hidden]; above the leaves also from those of the children's gates [node, arity,
 * hidden] and the children. Outputs: states [node, 2·hidden], and the activated gates.
 */
export const treeNodesShader = (isLeaf: boolean): Shader => ({
  key: `tree nodes ${isLeaf}`,
  outputs: ['states', 'activated', ...(isLeaf ? [] : ['forgets'])],
  inputs: floats('gates', ...(isLeaf ? [] : ['forgetSums', 'children'])),
  numbers,
  code: forUnits(`let row = node * 3u * H + j;
  let i = sigmoid(gates[row]);
  let g = stableTanh(gates[row + H]);
  let o = sigmoid(gates[row + 2u * H]);
  var c = i * g;
  ${
    isLeaf
      ? ''
      : eachChild(`let f = sigmoid(forgetSums[child * H + j]);
    forgets[child * H + j] = f;
    c += f * children[child * 2u * H + H + j];`)
  }
  activated[row] = i;
  activated[row + H] = g;
  activated[row + 2u * H] = o;
  states[node * 2u * H + j] = o * stableTanh(c);
  states[node * 2u * H + H + j] = c;`),
});

/**
 * Its gradient: of the sums of the gates, and above the leaves of those of the children's gates, and of the children's c [node, arity,
 * hidden]. Inputs: what the forward shader gave, the children, and the gradient of the states.
 */
export const treeNodesGradientShader = (isLeaf: boolean): Shader => ({
  key: `tree nodes gradient ${isLeaf}`,
  outputs: ['ofGates', ...(isLeaf ? [] : ['ofForgets', 'ofC'])],
  inputs: floats('states', 'activated', ...(isLeaf ? [] : ['forgets', 'children']), 'gradient'),
  numbers,
  code: forUnits(`let row = node * 3u * H + j;
  let i = activated[row];
  let g = activated[row + H];
  let o = activated[row + 2u * H];
  let q = stableTanh(states[node * 2u * H + H + j]);
  let arriving = gradient[node * 2u * H + j];
  let dc = gradient[node * 2u * H + H + j] + arriving * o * (1.0 - q * q);
  ofGates[row] = dc * g * (i - i * i);
  ofGates[row + H] = dc * i * (1.0 - g * g);
  ofGates[row + 2u * H] = arriving * q * (o - o * o);
  ${
    isLeaf
      ? ''
      : eachChild(`let f = forgets[child * H + j];
    ofForgets[child * H + j] = dc * children[child * 2u * H + H + j] * (f - f * f);
    ofC[child * H + j] = dc * f;`)
  }`),
});

/** The gradient of the children [node, arity, 2·hidden]: of h through a child's own gate and through the sum of its node, and of c. */
export const treeChildrenShader: Shader = {
  key: 'tree children',
  outputs: ['ofChildren'],
  inputs: floats('ofH', 'ofSums', 'ofC'),
  numbers,
  code: forUnits(
    eachChild(`ofChildren[child * 2u * H + j] = ofH[child * H + j] + ofSums[at];
    ofChildren[child * 2u * H + H + j] = ofC[child * H + j];`),
  ),
};

/** Rows of x [rows, width] at `places`, 0 where one is −1: out [n, width]. Numbers: count (n · width), width, across. */
export const takeRowsShader: Shader = {
  key: 'take rows',
  outputs: ['out'],
  inputs: [
    ['x', 'f32'],
    ['places', 'i32'],
  ],
  numbers: ['count', 'width', 'across'],
  code: `
${entryPoint(256)}
  let at = (group.y * size.across + group.x) * 256u + thread;
  if (at >= size.count) { return; }
  let place = places[at / size.width];
  out[at] = 0.0;
  if (place >= 0) { out[at] = x[u32(place) * size.width + at % size.width]; }
}`,
};
