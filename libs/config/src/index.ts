export { ConfigError, readConfig, type Config, type OpenIdConfig } from './config';
export { supportedNode, version } from './version';
