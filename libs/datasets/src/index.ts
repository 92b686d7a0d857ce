export { isVisible } from './archive/named-file';
export { isTar, mostArchiveBytes, mostFileBytes } from './archive/tar';
export { blankSymbol } from './audio/audio';
export { isRecording, requireRecordings } from './audio/recordings';
export { requireWav } from './audio/wav';
export { builtIns, type BuiltIn, type BuiltInOptions } from './built-in';
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
  type TreeData,
  type Trees,
} from './prepared/data';
export { blankData, encode, encodePrompt, unanswered, type Encoded } from './encode';
export { fingerprint, createFingerprint, fingerprintSource } from './fingerprint';
export { decoderSymbols, endSymbol, startSymbol } from './pairs/target-sequences';
export { prepare } from './prepare';
export type { Preparation } from './prepared/preparation';
export type { Prepared, Reader } from './readers/reader';
export { readingForNewHead, toReading } from './reading';
export type { DatasetBytes, DatasetPath, DataSource } from './source/data-source';
export { separatorFor, unknownWord } from './text/symbols';
