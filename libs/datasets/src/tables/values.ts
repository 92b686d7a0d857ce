/** Digits that a float64 always has. */
const exactDigits = 15;

/** A decimal number of so many digits after its point, as CSV has it. `whole`: without the point. */
export function decimalCell(whole: bigint, scale: number): string {
  const digits = (whole < 0n ? -whole : whole).toString().padStart(scale + 1, '0');
  const sign = whole < 0n ? '-' : '';
  return scale <= 0
    ? `${sign}${digits}${'0'.repeat(-scale)}`
    : `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The same within a list or an object, where it is a number if that says the same. */
export function decimalItem(whole: bigint, scale: number): number | string {
  const text = decimalCell(whole, scale);
  return text.replaceAll(/\D/g, '').replace(/^0+/, '').length <= exactDigits ? Number(text) : text;
}

/** A number in two's complement, its highest byte first. */
export function signed(bytes: Uint8Array): bigint {
  const whole = bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  return BigInt.asIntN(8 * bytes.length, whole);
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes that no type says more of: the text that they are, if they are one. */
export function bytesCell(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes);
  } catch {
    return bytes;
  }
}

/** Bytes that are no text as base64, so that others stay others; any other value as it is. */
export const withoutBytes = (value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;

/** The 16 bytes of a UUID as RFC 9562 writes them. */
export const uuidCell = (bytes: Uint8Array): string =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
