export { ConfigError, isLoopback, readConfig, type Config, type OpenIdConfig } from './config';
export { installation, nodeProblem, supportedNode, version } from './version';
