import { elementCount, type Initialiser } from './start';

/** The identity in each gate's block, cropped or zero-padded if it is not square: the IRNN of Le et al. 2015. */
export const identity: Initialiser = (shape) => {
  const { blocks, rows, columns } = shape;
  const values = new Float32Array(elementCount(shape));
  for (let block = 0; block < blocks; block++)
    for (let unit = 0; unit < Math.min(rows, columns); unit++) values[(block * rows + unit) * columns + unit] = 1;
  return values;
};
