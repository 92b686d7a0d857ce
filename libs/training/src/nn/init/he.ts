import { elementCount, type Initialiser } from './start';

/** Uniform in ±√(6 / inputs), whose variance is 2 / inputs: He et al. 2015, equation 10, for layers of relu. */
export const he: Initialiser = (shape, draw) => draw.uniform(elementCount(shape), Math.sqrt(6 / shape.columns));
