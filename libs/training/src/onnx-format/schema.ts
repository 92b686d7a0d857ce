import { Root } from 'protobufjs/light';

const field = (id: number, type: string) => ({ id, type });
const repeated = (id: number, type: string) => ({ id, type, rule: 'repeated' as const });

/** The messages of ONNX that are written and read, with the numbers of onnx/onnx.proto; unset fields are omitted. */
const root = Root.fromJSON({
  nested: {
    ModelProto: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'GraphProto'),
        opsetImport: repeated(8, 'OperatorSetIdProto'),
        metadataProps: repeated(14, 'StringStringEntryProto'),
      },
    },
    OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
    GraphProto: {
      fields: {
        node: repeated(1, 'NodeProto'),
        name: field(2, 'string'),
        initializer: repeated(5, 'TensorProto'),
        input: repeated(11, 'ValueInfoProto'),
        output: repeated(12, 'ValueInfoProto'),
      },
    },
    NodeProto: {
      fields: {
        input: repeated(1, 'string'),
        output: repeated(2, 'string'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: repeated(5, 'AttributeProto'),
        domain: field(7, 'string'),
      },
    },
    AttributeProto: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'TensorProto'),
        g: field(6, 'GraphProto'),
        ints: repeated(8, 'int64'),
        strings: repeated(9, 'bytes'),
        type: field(20, 'int32'),
      },
    },
    TensorProto: {
      fields: {
        dims: repeated(1, 'int64'),
        dataType: field(2, 'int32'),
        floatData: repeated(4, 'float'),
        int32Data: repeated(5, 'int32'),
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        doubleData: repeated(10, 'double'),
        externalData: repeated(13, 'StringStringEntryProto'),
        dataLocation: field(14, 'int32'),
      },
    },
    ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
    TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
    TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
    TensorShapeProto: { fields: { dim: repeated(1, 'DimensionProto') } },
    DimensionProto: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

/** A message ModelProto as bytes. */
export function encodeModel(model: object): Uint8Array {
  const type = root.lookupType('ModelProto');
  return type.encode(type.fromObject(model)).finish();
}

/** A tensor as it stands in a graph. */
export interface TensorProto {
  name: string;
  dims: number[];
  dataType: number;
  floatData: number[];
  /** Also numbers of 16 bits, as their bits. */
  int32Data: number[];
  doubleData: number[];
  rawData: Uint8Array;
  externalData: { key: string; value: string }[];
  /** 1: its values are in another file, which `externalData` names. */
  dataLocation: number;
}

export interface NodeProto {
  name: string;
  opType: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
  /** Of the operator: ONNX's own are in `` and `ai.onnx`. */
  domain: string;
}

export interface AttributeProto {
  name: string;
  f: number;
  i: number;
  s: Uint8Array;
  t: TensorProto | null;
  /** The body of an If, Loop or Scan. */
  g: GraphProto | null;
  ints: number[];
  strings: Uint8Array[];
}

/** A graph of operators, each after those whose outputs it reads. */
export interface GraphProto {
  node: NodeProto[];
  initializer: TensorProto[];
}

/** The graph of a message ModelProto. Throws Error for other bytes. */
export function decodeGraph(file: Uint8Array): GraphProto {
  const type = root.lookupType('ModelProto');
  try {
    const model = type.toObject(type.decode(file), { longs: Number, defaults: true, arrays: true });
    if (model.graph) return model.graph as GraphProto;
  } catch {
    // As for a message without a graph.
  }
  throw new Error('not an ONNX model, or one that is cut off');
}
