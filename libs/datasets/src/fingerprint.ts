import { createHash, type Hash } from 'node:crypto';

/** A hash that becomes a fingerprint: SHA-256 over the kind and the bytes of a data set. */
export function fingerprintOf(kind: string): Hash {
  return createHash('sha256').update(`unroll dataset ${kind}\0`);
}

/** The fingerprint of bytes at hand: 64 hexadecimal digits. */
export function fingerprint(kind: string, bytes: Uint8Array): string {
  return fingerprintOf(kind).update(bytes).digest('hex');
}
