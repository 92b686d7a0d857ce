export { builtInFingerprint, builtIns, type BuiltIn, type BuiltInOptions } from './built-in';
export {
  DatasetError,
  tokensInMemory,
  type ExampleData,
  type Examples,
  type PreparedData,
  type Scaling,
  type Sequences,
  type Targets,
  type TokenData,
  type TokenSource,
} from './data';
export { fingerprint, fingerprintOf } from './fingerprint';
export { datasetKindFor, prepare, type DatasetBytes, type Prepared } from './prepare';
