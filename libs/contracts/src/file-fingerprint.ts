import { z } from 'zod';

/** The fingerprint of a registered file: a SHA-256 in hexadecimal digits. */
export const fileFingerprint = z.string().regex(/^[0-9a-f]{64}$/, 'a fingerprint has 64 hexadecimal digits');
