export { isVisible } from './archive/named-file';
export { isTar, mostArchiveBytes, mostFileBytes } from './archive/tar';
export { blankSymbol } from './audio/audio';
export { isRecording, requireRecordings } from './audio/recordings';
export { requireWav } from './audio/wav';
export { builtIns, type BuiltIn, type BuiltInOptions } from './built-in';
export {
  DatasetError,
  readVectors,
  tokensInMemory,
  type ExampleData,
  type Examples,
  type ForecastUnits,
  type PreparedData,
  type Scaling,
  type Sequences,
  type Targets,
  type TokenData,
  type TokenSource,
  type TreeData,
  type Trees,
  type Windows,
} from './prepared/data';
export { blankData, encode, encodePrompt, encodeSource, unanswered, type Encoded } from './encode';
export { encodeInput, inputForm, InputRefused, joinEncoded, kindRead } from './single-inputs';
export { lookAtTokenizer, readTokenizer, readTokenizerFile, type TokenizerReading } from './text/tokenizer-file';
export { namedClassWeights } from './class-weights';
export { fingerprint, createFingerprint, fingerprintFile, fingerprintSource } from './fingerprint';
export { decoderSymbols, endSymbol, startSymbol } from './pairs/target-sequences';
export { stepKind } from './describe';
export { firstLook, type Look } from './look';
export { prepare } from './prepare';
export { selected } from './prepared/examples';
export { recursive } from './recursive';
export { score } from './score';
export { forecastPlace, type ForecastPlace } from './series/forecast-place';
export type { Preparation } from './prepared/preparation';
export type { Prepared, Reader } from './readers/reader';
export { readingForNewHead, readingForTraining, toReading } from './reading';
export type { DatasetBytes, DatasetPath, DataSource } from './source/data-source';
export { parseExactly } from './source/json-lines';
export { ForecastErrors, metricsOfTargets } from './series/forecast-errors';
export type { Forecasts } from './series/continued';
export { inUnits } from './series/forecast-units';
export { rolesOf } from './series/roles';
export { formatBytes, tableFormat } from './tables/table-format';
export {
  lookAtVectors,
  readVectorsHead,
  readWordVectors,
  vectorsHead,
  type VectorsHead,
  type WordVectors,
} from './text/word-vectors';
export { VectorsCheck } from './text/vectors-check';
export {
  lineBreakFor,
  neverWritten,
  separatorFor,
  symbolNames,
  textOf,
  textPieces,
  unknownWord,
  writtenTokens,
} from './text/symbols';
export type { Tokens } from './prepared/tokens';
