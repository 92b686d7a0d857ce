export { builtInFingerprint, builtIns, type BuiltIn } from './built-in';
export { fingerprint, fingerprintOf } from './fingerprint';
export { prepare, type Prepared } from './prepare';
export { bigramBaseline } from './text/bigram';
export { prepareCharacters } from './text/characters';
export { DatasetError, type TokenData } from './token-data';
