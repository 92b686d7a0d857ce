import { tf, type Tensor } from './tfjs';

/**
 * ids int32 [...] → float32 [..., width], 1 at the id. Cast afterwards: wasm's kernel writes integers whatever type it is
 * asked for. (On cpu the values stay an Int32Array under a float32 tensor: only ever read it.)
 */
export const oneHot = (ids: Tensor, width: number): Tensor => tf.cast(tf.oneHot(ids, width, 1, 0, 'int32'), 'float32');
