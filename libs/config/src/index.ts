export { ConfigError, readConfig, type Config, type OpenIdConfig } from './config';
export { nodeProblem, supportedNode, version } from './version';
