import { elementCount, type Initialiser } from './start';

/** Uniform in ±√(6 / (inputs + outputs)), of each gate: Glorot & Bengio 2010, equation 16. */
export const xavier: Initialiser = (shape, draw) =>
  draw.uniform(elementCount(shape), Math.sqrt(6 / (shape.columns + shape.rows)));
