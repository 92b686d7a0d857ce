import type { ModelSpec } from '@unroll/contracts';
import type { Architecture } from './architecture';
import { recurrent } from './recurrent-body';
import { transformerBody } from './transformer-body';

/** Architectures other than stacked recurrent layers, by the cell that selects them. */
const others: Partial<Record<ModelSpec['cell'], Architecture>> = { transformer: transformerBody };

/** The architecture of a model. */
export const getArchitecture = ({ cell }: Pick<ModelSpec, 'cell'>): Architecture => others[cell] ?? recurrent;
