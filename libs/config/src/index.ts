export { ConfigError, isLoopback, readConfig, servingKey, type Config, type OpenIdConfig } from './config';
export { heldArgument, untilReleased, type Release } from './held';
export { installation, nodeProblem, supportedNode, version } from './version';
