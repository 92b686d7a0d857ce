import { encodeModel } from '../onnx-format/schema';

/** Element types of a tensor, by ONNX's numbers. */
export const types = { float: 1, int32: 6, int64: 7 } as const;
export type ElementType = keyof typeof types;

/** A size, or the name of a dynamic one. */
export type Dimension = number | string;
type Attribute = number | string | readonly number[] | readonly string[];

/** The version of the operators, of 2021: every runtime in use has it. */
const operators = 17;

/** A graph of operators that grows node by node. Values are identified by name; '' is an omitted optional input. */
export class Graph {
  private readonly nodes: object[] = [];
  private readonly constants: object[] = [];
  private readonly inputs: object[] = [];
  private readonly outputs: object[] = [];

  input(name: string, type: ElementType, shape: readonly Dimension[]): string {
    this.inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Makes a value an output of the graph, under a name. */
  output(name: string, value: string, shape: readonly Dimension[]): void {
    this.nodes.push({ input: [value], output: [name], name: `output ${name}`, opType: 'Identity' });
    this.outputs.push(valueInfo(name, 'float', shape));
  }

  constant(values: ArrayLike<number>, shape: readonly number[], type: ElementType = 'float'): string {
    const name = `constant_${this.constants.length}`;
    this.constants.push({ dims: shape, dataType: types[type], name, rawData: toBytes(values, type) });
    return name;
  }

  /** An operator with one output. */
  node(operator: string, inputs: readonly string[], attributes: Record<string, Attribute> = {}): string {
    return this.addNode(operator, inputs, 1, attributes)[0]!;
  }

  /** An operator with several outputs. */
  addNode(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
  ): string[] {
    const name = `${operator}_${this.nodes.length}`;
    const names = Array.from({ length: outputs }, (_, index) => `${name}_${index}`);
    const attribute = Object.entries(attributes).map(([key, value]) => toAttribute(key, value));
    this.nodes.push({ input: inputs, output: names, name, opType: operator, attribute });
    return names;
  }

  /** As a file. `metadata` is stored with the graph. */
  file(name: string, metadata: Record<string, string>): Uint8Array {
    return encodeModel({
      irVersion: 8,
      producerName: 'unroll',
      opsetImport: [{ domain: '', version: operators }],
      graph: { node: this.nodes, name, initializer: this.constants, input: this.inputs, output: this.outputs },
      metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    });
  }
}

const valueInfo = (name: string, type: ElementType, shape: readonly Dimension[]): object => ({
  name,
  type: {
    tensorType: {
      elemType: types[type],
      shape: { dim: shape.map((size) => (typeof size === 'number' ? { dimValue: size } : { dimParam: size })) },
    },
  },
});

/** With ONNX's numbers for the types of attributes. */
function toAttribute(name: string, value: Attribute): object {
  if (typeof value === 'number') return { name, type: 2, i: value };
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  if (value.every((each) => typeof each === 'number')) return { name, type: 7, ints: value };
  return { name, type: 8, strings: value.map((each) => Buffer.from(String(each))) };
}

function toBytes(values: ArrayLike<number>, type: ElementType): Uint8Array {
  const width = type === 'int64' ? 8 : 4;
  const bytes = new Uint8Array(values.length * width);
  const view = new DataView(bytes.buffer);
  Array.from(values).forEach((value, index) => {
    if (type === 'float') view.setFloat32(4 * index, value, true);
    else if (type === 'int32') view.setInt32(4 * index, value, true);
    else view.setBigInt64(8 * index, BigInt(value), true);
  });
  return bytes;
}
