export { threefry2x32 } from './threefry';
export { nameToUint32, stream } from './stream';
export type { Stream, StreamName } from './stream';
