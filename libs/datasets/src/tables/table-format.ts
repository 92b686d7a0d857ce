/** Formats of tables that are no text, by how their files begin. */
const beginnings = [
  ['parquet', 'PAR1'],
  ['arrow', 'ARROW1'],
  ['arrow', '\xff\xff\xff\xff'],
  ['feather-1', 'FEA1'],
  ['npy', '\x93NUMPY'],
  ['npz', 'PK\x03\x04'],
] as const;

/** Bytes that a format is recognised by. */
export const formatBytes = 6;

/** The format of a table that is no text, by its first bytes; undefined for a text. */
export function tableFormat(bytes: Uint8Array): (typeof beginnings)[number][0] | undefined {
  const head = Buffer.from(bytes.subarray(0, formatBytes)).toString('latin1');
  return beginnings.find(([, beginning]) => head.startsWith(beginning))?.[0];
}
