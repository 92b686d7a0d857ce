import { gateCounts, operandAt, type RecurrentLayer } from './recurrent-shape';
import { each } from './shader';

/** The column of a gate of a unit of a thread, in WGSL. */
export const columnOf = ({ hidden, tile }: RecurrentLayer, unit: number, gate: number): string =>
  `${gate * hidden}u + column + ${unit * tile.across}u`;

/** Adds the products h·U of all gates of one unit of a thread to the variables that `name` names, for all of its rows. */
export function addProducts(layer: RecurrentLayer, unit: number, name: (gate: number, row: number) => string): string {
  const { cell, hidden, tile, half } = layer;
  const gates = gateCounts[cell];
  const weight = (gate: number, k: number): string =>
    `weights[head + ${k * gates * hidden}u + ${columnOf(layer, unit, gate)}]`;
  const four = (gate: number): string =>
    half ? `weights[head + ${columnOf(layer, unit, gate)}]` : [0, 1, 2, 3].map((k) => weight(gate, k)).join(', ');
  return `      for (var k = 0u; k < ${hidden / 4}u; k++) {
        let head = (lane * ${half ? `${hidden / 4}u + k` : 'hidden + 4u * k'}) * ${gates * hidden}u;
${each(gates, (gate) => `        let w${gate} = vec4<f32>(${four(gate)});`)}
${each(
  tile.rowsOfThread,
  (row) => `        let x${row} = ${operandAt(layer, `h[(ownRow + ${row}u) * ${hidden / 4}u + k]`)};
${each(gates, (gate) => `        ${name(gate, row)} += dot(w${gate}, x${row});`)}`,
)}
      }`;
}
