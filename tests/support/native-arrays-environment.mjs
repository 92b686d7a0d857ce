import LeakCheckedEnvironment from './environment.mjs';

const arrays = { Float32Array, Int32Array, Uint8Array, BigInt64Array, ArrayBuffer };

/** Native addons create arrays outside Jest's sandbox, where these classes differ: here both sides share them. */
export default class NativeArraysEnvironment extends LeakCheckedEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, arrays);
  }
}
