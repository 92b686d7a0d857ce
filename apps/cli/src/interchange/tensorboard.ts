import protobuf from 'protobufjs';

/**
 * Event files of TensorBoard: TFRecords (https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details) of the message
 * Event (tensorflow/core/util/event.proto), here with the fields that scalars need. A field of no oneof is left out where it is 0, and
 * TensorBoard skips a value that has none.
 */
const definition = `
  syntax = "proto3";
  message Value { string tag = 1; oneof value { float simple_value = 2; } }
  message Summary { repeated Value value = 1; }
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
`;
const { root } = protobuf.parse(definition, { keepCase: true });
const event = root.lookupType('Event');

/** CRC-32C, of Castagnoli's polynomial, reflected (RFC 3720, appendix B.4). */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ 0x82f63b78 : rest >>> 1;
  return rest;
});

export function crc32c(bytes: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = table[(rest ^ byte) & 0xff]! ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

/** A checksum as a record stores it, so that the checksum of records is not trivial. */
const masked = (bytes: Uint8Array): number => {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
};

/** Length, its checksum, the message, its checksum: little-endian. */
function record(fields: Record<string, unknown>): Buffer {
  const message = Buffer.from(event.encode(event.fromObject(fields)).finish());
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  const checksum = (bytes: Uint8Array): Buffer => {
    const written = Buffer.alloc(4);
    written.writeUInt32LE(masked(bytes));
    return written;
  };
  return Buffer.concat([length, checksum(length), message, checksum(message)]);
}

/** A scalar at a step. `time`: milliseconds since 1970. */
export interface Scalar {
  tag: string;
  step: number;
  value: number;
  time: number;
}

/** An event file of scalars, which are in the order of their steps. */
export const eventFile = (begin: number, scalars: readonly Scalar[]): Buffer =>
  Buffer.concat([
    record({ wall_time: begin / 1000, file_version: 'brain.Event:2' }),
    ...scalars.map(({ tag, step, value, time }) =>
      record({ wall_time: time / 1000, step, summary: { value: [{ tag, simple_value: value }] } }),
    ),
  ]);
