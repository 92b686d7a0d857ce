import { fromSafetensors, toSafetensors } from './safetensors';

const weights = {
  'recurrent.weight_ih_l0': { shape: [2, 3], values: Float32Array.of(1, -2, 3.5, 0, 1e-30, 6) },
  'output.bias': { shape: [1], values: Float32Array.of(-0.25) },
};

describe('a safetensors file', () => {
  it('has the standard format: length of the header, JSON padded to 8 bytes, little-endian values', () => {
    const file = toSafetensors(weights, { cell: 'lstm' });
    const view = new DataView(file.buffer);
    const length = Number(view.getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
      __metadata__: { cell: 'lstm' },
      'recurrent.weight_ih_l0': { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] },
      'output.bias': { dtype: 'F32', shape: [1], data_offsets: [24, 28] },
    });
    expect(view.getFloat32(8 + length + 4, true)).toBe(-2);
    expect(file).toHaveLength(8 + length + 28);
  });

  it('is read back as written, also from the middle of a buffer', () => {
    const file = toSafetensors(weights, { cell: 'lstm' });
    const padded = new Uint8Array(file.length + 3);
    padded.set(file, 3);
    expect(fromSafetensors(padded.subarray(3))).toEqual({ weights, metadata: { cell: 'lstm' } });
  });

  it('is refused if it is truncated or something else', () => {
    const file = toSafetensors(weights);
    expect(() => fromSafetensors(file.subarray(0, file.length - 1))).toThrow(
      'output.bias: some of its values are missing',
    );
    expect(() => fromSafetensors(file.subarray(0, 20))).toThrow('shorter than its header says');
    expect(() => fromSafetensors(new Uint8Array(4))).toThrow('not a safetensors file');
    // As long as what it replaces: the header says how long it is.
    const twice = new TextDecoder('latin1').decode(file).replace('"__metadata__"', '"output.bias" ');
    expect(() => fromSafetensors(Uint8Array.from(twice, (each) => each.charCodeAt(0)))).toThrow(
      'not a safetensors file: in its header the key "output.bias" is given twice',
    );
    const half = new TextDecoder('latin1').decode(file).replace('"F32"', '"F16"');
    expect(() => fromSafetensors(Uint8Array.from(half, (each) => each.charCodeAt(0)))).toThrow('not F16');
  });
});
