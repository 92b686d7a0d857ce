export { ConfigError, readConfig, type Config } from './config';
export { nodeProblem, supportedNode, version } from './version';
