export { readConfig, servingKey, type Config, type OpenIdConfig } from './config';
export { ConfigError } from './config-error';
export { heldArgument, untilReleased, type Release } from './held';
export { isLoopback } from './loopback';
export { installation, nodeProblem, supportedNode, version } from './version';
