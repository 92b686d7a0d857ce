const parity = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds, written to `out` without allocation, for hot paths. Words are unsigned 32-bit integers.
 *
 * It uses only addition, rotation and exclusive-or modulo 2^32, so every language computes the same integers.
 * Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 */
export function threefryInto(out: Uint32Array, key0: number, key1: number, counter0: number, counter1: number): void {
  const key2 = parity ^ key0 ^ key1;
  let x0 = (counter0 + key0) | 0;
  let x1 = (counter1 + key1) | 0;
  // The key is injected after every four rounds, five times; the rotations alternate between two sets of four.
  for (let injection = 1; injection <= 5; injection++) {
    const first = (injection & 1) === 1;
    x0 = (x0 + x1) | 0;
    x1 = (first ? (x1 << 13) | (x1 >>> 19) : (x1 << 17) | (x1 >>> 15)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (first ? (x1 << 15) | (x1 >>> 17) : (x1 << 29) | (x1 >>> 3)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (first ? (x1 << 26) | (x1 >>> 6) : (x1 << 16) | (x1 >>> 16)) ^ x0;
    x0 = (x0 + x1) | 0;
    x1 = (first ? (x1 << 6) | (x1 >>> 26) : (x1 << 24) | (x1 >>> 8)) ^ x0;
    const turn = injection % 3;
    x0 = (x0 + (turn === 0 ? key0 : turn === 1 ? key1 : key2)) | 0;
    x1 = (x1 + (turn === 0 ? key1 : turn === 1 ? key2 : key0) + injection) | 0;
  }
  out[0] = x0;
  out[1] = x1;
}

/**
 * Threefry-2x32 with 20 rounds: maps a key and a counter of two unsigned 32-bit words each to two such words. The same key and counter
 * always give the same words; there is no state.
 */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const out = new Uint32Array(2);
  threefryInto(out, key[0], key[1], counter[0], counter[1]);
  return [out[0]!, out[1]!];
}
