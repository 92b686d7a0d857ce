import { addProducts, columnOf } from './recurrent-products';
import { eachPlace, gateCounts, ownCounts, savedOfRow, type Place, type RecurrentLayer } from './recurrent-shape';
import { reduceMoments } from './row-reduction';
import { each } from './shader';

/** Where a lane's own parameters are, in blocks of `hidden`: the gains of x·W, those of h·U, the shifts, gain and shift of c. */
export const normaliserBlocks = { gainX: 0, gainH: 4, shift: 8, gainC: 12, shiftC: 13 } as const;

/** A number of a lane's own parameters. */
export const normaliser = (
  { cell, hidden }: RecurrentLayer,
  block: keyof typeof normaliserBlocks,
  column: string,
): string => `own[lane * ${ownCounts[cell] * hidden}u + ${normaliserBlocks[block] * hidden}u + ${column}]`;

/**
 * A step with layer normalisation (Ba, Kiros & Hinton 2016, equations 20 to 22): h·U of all gates, the statistics of its rows, c and
 * the statistics of its rows, and the next h into n…; c in place.
 */
export function normalisedStep(layer: RecurrentLayer): string {
  const { cell, tile } = layer;
  const { unitsOfThread, rowsOfThread } = tile;
  const gates = gateCounts[cell];
  const product = (unit: number, row: number, gate: number): string => `a${gate}_${unit}_${row}`;
  const units = Array.from({ length: unitsOfThread }, (_, unit) => unit);
  const products = (row: number): string[] =>
    units.flatMap((unit) => Array.from({ length: gates }, (_, gate) => product(unit, row, gate)));
  return `${each(unitsOfThread, (unit) =>
    each(rowsOfThread, (row) => each(gates, (gate) => `    var ${product(unit, row, gate)} = 0.0;`)),
  )}
    {
${each(unitsOfThread, (unit) => addProducts(layer, unit, (gate, row) => product(unit, row, gate)))}
    }
${reduceMoments(tile, 'P', products)}
${eachPlace(layer, ({ id }) => `    var next${id} = 0.0;\n    var o${id} = 0.0;`)}
${eachPlace(layer, (place) => nextCell(layer, place))}
${reduceMoments(tile, 'C', (row) => units.map((unit) => `next${unit}_${row}`))}
${eachPlace(layer, (place) => nextState(layer, place))}`;
}

/** c after the step, into next…, and the output gate, into o…. */
function nextCell(layer: RecurrentLayer, { id, unit, row, batchRow, column }: Place): string {
  const { cell, hidden, training } = layer;
  const unitOfProduct = (gate: number): string => `(a${gate}_${unit}_${row} - meanP_${row}) * inverseP_${row}`;
  const saved = ['i', 'f', 'g', 'o', `next${id}`, 'v0', 'v1', 'v2', 'v3'];
  const sum = (gate: number): string =>
    `projected[p + ${columnOf(layer, unit, gate)}] + v${gate} * ${normaliser(layer, 'gainH', columnOf(layer, unit, gate))}`;
  return `    {
      let row = ${batchRow};
      if (row < size.batch) {
        let step = (lane * size.steps + t) * size.batch + row;
        let p = step * ${gateCounts[cell] * hidden}u;
${each(4, (gate) => `        let v${gate} = ${unitOfProduct(gate)};`)}
        let i = sigmoid(${sum(0)});
        let f = sigmoid(${sum(1)});
        let g = stableTanh(${sum(2)});
        let o = sigmoid(${sum(3)});
        next${id} = f * c${id} + i * g;
        o${id} = o;
        ${training ? `let savedAt = step * ${savedOfRow(cell, hidden)}u + ${column};` : ''}
${training ? saved.map((value, index) => `        saved[savedAt + ${index * hidden}u] = ${value};`).join('\n') : ''}
      }
    }`;
}

/** The next h of a place, c in place, and what is saved of its row. */
function nextState(layer: RecurrentLayer, { id, unit, row, batchRow, column }: Place): string {
  const { cell, hidden, training, masked } = layer;
  const parameter = (block: 'gainC' | 'shiftC'): string => normaliser(layer, block, column);
  return `    {
      let row = ${batchRow};
      if (row < size.batch) {
        let step = (lane * size.steps + t) * size.batch + row;
        ${masked ? 'let isValid = valid[step] != 0;' : ''}
        let unitC = (next${id} - meanC_${row}) * inverseC_${row};
        n${id} = o${id} * stableTanh(unitC * ${parameter('gainC')} + ${parameter('shiftC')});
        ${training ? `let savedRow = step * ${savedOfRow(cell, hidden)}u;` : ''}
        ${training && masked ? `if (!isValid) { saved[savedRow + ${4 * hidden}u + ${column}] = c${id}; }` : ''}
        c${id} = ${masked ? `select(c${id}, next${id}, isValid)` : `next${id}`};
        ${
          training && unit === 0
            ? `if (column == 0u) {
          let end = savedRow + ${9 * hidden}u;
          saved[end] = inverseP_${row};
          saved[end + 1u] = meanC_${row};
          saved[end + 2u] = inverseC_${row};
          saved[end + 3u] = ${masked ? 'select(0.0, 1.0, isValid)' : '1.0'};
        }`
            : ''
        }
      }
    }`;
}
