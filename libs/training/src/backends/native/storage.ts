export type Values = Float32Array | Int32Array | Uint8Array;

/** What a tensor's ID leads to. */
export interface Stored {
  values: Values;
  dtype: string;
  refCount: number;
  complexTensorInfos?: Record<'real' | 'imag', { dataId: object }>;
}

/** The ID of data. What is known of them is kept on it: a map of TensorFlow.js takes many times as long. */
export class DataId {
  stored: Stored | undefined = undefined;
  /** What the engine knows of it: tensor/recording/tensors.ts. */
  info: unknown = undefined;
}

/** The storage of a backend of TensorFlow.js. */
export interface DataStorage {
  has(dataId: object): boolean;
  /** Moves data here that are still on the backend that was in use before. */
  get(dataId: object): Stored | undefined;
  set(dataId: object, stored: Stored): void;
  delete(dataId: object): boolean;
  numDataIds(): number;
}

/** A storage on the IDs themselves. `earlier`: that of the same backend until now. */
export class StorageOnIds implements DataStorage {
  private count = 0;

  constructor(private readonly earlier: DataStorage) {}

  has(dataId: object): boolean {
    return (dataId as DataId).stored !== undefined || this.earlier.has(dataId);
  }

  get(dataId: object): Stored {
    return (dataId as DataId).stored ?? this.adopted(dataId);
  }

  private adopted(dataId: object): Stored {
    const earlier = this.earlier.get(dataId);
    // What was moved here from another backend has been set meanwhile.
    if (earlier) {
      this.earlier.delete(dataId);
      this.set(dataId, earlier);
    }
    return (dataId as DataId).stored!;
  }

  set(dataId: object, stored: Stored): void {
    this.count++;
    (dataId as DataId).stored = stored;
  }

  delete(dataId: object): boolean {
    if ((dataId as DataId).stored === undefined) return this.earlier.delete(dataId);
    this.count--;
    (dataId as DataId).stored = undefined;
    return true;
  }

  numDataIds(): number {
    return this.count + this.earlier.numDataIds();
  }
}
