export { ConfigError, readConfig, type Config } from './config';
export { installation, supportedNode, version } from './version';
