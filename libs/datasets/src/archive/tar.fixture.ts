const block = 512;

export interface TarEntry {
  name: string;
  content: string | Uint8Array;
  /** Type flag: '0' file, '5' folder, 'L' long name, 'x' pax records. */
  type?: string;
  /** The prefix field of a ustar header. */
  prefix?: string;
}

function header({ name, type = '0', prefix = '' }: TarEntry, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name.slice(0, 100), 0);
  bytes.write('0000644\0', 100);
  bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  bytes.write('        ', 148);
  bytes.write(type, 156);
  bytes.write('ustar\x0000', 257, 'latin1');
  bytes.write(prefix, 345);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

/** A tar archive for a spec. */
export function buildTar(entries: readonly TarEntry[]): Buffer {
  const parts = entries.flatMap((entry) => {
    const content = Buffer.from(entry.content);
    return [header(entry, content.length), content, Buffer.alloc((block - (content.length % block)) % block)];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}
