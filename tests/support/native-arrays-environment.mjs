import { TestEnvironment } from 'jest-environment-node';

const arrays = { Float32Array, Int32Array, Uint8Array, BigInt64Array, ArrayBuffer };

/** Native addons make arrays outside of Jest's sandbox, whose classes are others: here both have the same. */
export default class NativeArraysEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, arrays);
  }
}
