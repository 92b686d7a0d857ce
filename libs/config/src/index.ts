export { ConfigError, isLoopback, readConfig, servingKey, type Config, type OpenIdConfig } from './config';
export { installation, nodeProblem, supportedNode, version } from './version';
