// The one door to TensorFlow.js: everything else in this library imports `tf` from here, so that it can be replaced.
import * as tf from '@tensorflow/tfjs';

// Silences the advice that is printed on Node, and turns the library's own argument checks off.
tf.env().set('PROD', true);

export { tf };
export type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, TensorInfo } from '@tensorflow/tfjs';
