import { normaliser } from './recurrent-normalised';
import { readPrevious, type GradientLayer } from './recurrent-places';
import { eachPlace, savedOfRow, type Place } from './recurrent-shape';
import { reduceMeans } from './row-reduction';
import { each } from './shader';

/**
 * A step of recurrent-normalised.ts backwards: the gradients of the products h·U of one place into d…, dc in place, what reaches the
 * previous h past the product into direct…. Through a normalised row u = (x − mean) / deviation, the gradient e of u becomes
 * (e − mean(e) − u·mean(e·u)) / deviation.
 */
export function normalisedStepBack(layer: GradientLayer): string {
  const { hidden, tile } = layer;
  const units = Array.from({ length: tile.unitsOfThread }, (_, unit) => unit);
  const gates = [0, 1, 2, 3];
  const sums = (terms: string[]): string => terms.join(' + ');
  return `${eachPlace(
    layer,
    ({ id }) => `    var direct${id} = h${id};
    var e${id} = 0.0;
    var u${id} = 0.0;
${each(4, (gate) => `    var d${gate}_${id} = 0.0;\n    var v${gate}_${id} = 0.0;`)}`,
  )}
${eachPlace(layer, (place) => throughOutput(layer, place))}
${reduceMeans(tile, 'C', hidden, (row) => [
  sums(units.map((unit) => `e${unit}_${row}`)),
  sums(units.map((unit) => `e${unit}_${row} * u${unit}_${row}`)),
])}
${eachPlace(layer, (place) => throughCell(layer, place))}
${reduceMeans(tile, 'P', 4 * hidden, (row) => [
  sums(units.flatMap((unit) => gates.map((gate) => `d${gate}_${unit}_${row}`))),
  sums(units.flatMap((unit) => gates.map((gate) => `d${gate}_${unit}_${row} * v${gate}_${unit}_${row}`))),
])}
${eachPlace(layer, (place) => throughProducts(layer, place))}`;
}

/** A block for one place, where its step counts; `otherwise` where it does not. */
function whereValid({ cell, hidden }: GradientLayer, place: Place, body: string, otherwise = ''): string {
  return `    {
      let row = ${place.batchRow};
      if (row < size.batch) {
        let step = (lane * size.steps + t) * size.batch + row;
        let savedRow = step * ${savedOfRow(cell, hidden)}u;
        let savedAt = savedRow + ${place.column};
        let end = savedRow + ${9 * hidden}u;
        let sumsAt = step * ${5 * hidden}u + ${place.column};
        if (saved[end + 3u] != 0.0) {
${body}
        }${otherwise ? ` else {\n${otherwise}\n        }` : ''}
      }
    }`;
}

/** The gradient of the normalised c into gradSums and, times its gain, into e…; that of the output gate’s sum into d3…. */
function throughOutput(layer: GradientLayer, place: Place): string {
  const { hidden, probed } = layer;
  const { id, column } = place;
  const gain = normaliser(layer, 'gainC', column);
  return whereValid(
    layer,
    place,
    `          let dh = h${id} + gradOutputs[step * hidden + ${column}];
          ${probed ? `gradHiddens[step * hidden + ${column}] = dh;` : ''}
          let o = saved[savedAt + ${3 * hidden}u];
          u${id} = (saved[savedAt + ${4 * hidden}u] - saved[end + 1u]) * saved[end + 2u];
          let q = stableTanh(u${id} * ${gain} + ${normaliser(layer, 'shiftC', column)});
          let inner = dh * o * (1.0 - q * q);
          gradSums[sumsAt + ${4 * hidden}u] = inner;
          e${id} = inner * ${gain};
          d3_${id} = dh * q * (o - o * o);
          direct${id} = 0.0;`,
    `          gradSums[sumsAt + ${4 * hidden}u] = 0.0;
          ${probed ? `gradHiddens[step * hidden + ${column}] = 0.0;` : ''}`,
  );
}

/** The gradients of the sums of the gates into gradSums and, times the gains of h·U, into d…; the normalised products into v…. */
function throughCell(layer: GradientLayer, place: Place): string {
  const { cell, hidden } = layer;
  const { id, row, column } = place;
  const width = savedOfRow(cell, hidden);
  return whereValid(
    layer,
    place,
    `        ${readPrevious(layer, place, { buffer: 'saved', width, offset: 4 * hidden, initial: 'state1' })}
          let dc = c${id} + saved[end + 2u] * (e${id} - meansC_${row}.x - u${id} * meansC_${row}.y);
          let i = saved[savedAt];
          let f = saved[savedAt + ${hidden}u];
          let g = saved[savedAt + ${2 * hidden}u];
          d0_${id} = dc * g * (i - i * i);
          d1_${id} = dc * previous * (f - f * f);
          d2_${id} = dc * i * (1.0 - g * g);
          c${id} = dc * f;
${each(
  4,
  (gate) => `          gradSums[sumsAt + ${gate * hidden}u] = d${gate}_${id};
          d${gate}_${id} *= ${normaliser(layer, 'gainH', `${gate * hidden}u + ${column}`)};
          v${gate}_${id} = saved[savedAt + ${(5 + gate) * hidden}u];`,
)}`,
    each(4, (gate) => `          gradSums[sumsAt + ${gate * hidden}u] = 0.0;`),
  );
}

/** The gradients of the products into d… and gradRecurrent. */
function throughProducts(layer: GradientLayer, place: Place): string {
  const { hidden } = layer;
  const { id, row, column } = place;
  const at = (gate: number): string => `gradRecurrent[step * ${4 * hidden}u + ${gate * hidden}u + ${column}]`;
  return whereValid(
    layer,
    place,
    each(
      4,
      (
        gate,
      ) => `          d${gate}_${id} = saved[end] * (d${gate}_${id} - meansP_${row}.x - v${gate}_${id} * meansP_${row}.y);
          ${at(gate)} = d${gate}_${id};`,
    ),
    each(4, (gate) => `          ${at(gate)} = 0.0;`),
  );
}
