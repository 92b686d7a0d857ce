export { ConfigError, readConfig, type Config } from './config';
export { supportedNode, version } from './version';
