export { ConfigError, readConfig, type Config } from './config';
export { installation, nodeProblem, supportedNode, version } from './version';
