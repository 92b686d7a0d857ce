import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest package.json at or above a folder: the project's, whether the code runs from libs/ or from dist/libs/. */
function findPackage(folder: string): string {
  const path = join(folder, 'package.json');
  return existsSync(path) || folder === dirname(folder) ? path : findPackage(dirname(folder));
}

const manifestFile = findPackage(__dirname);
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as {
  version: string;
  engines: { node: string };
};

/** The version of Unroll. */
export const { version } = manifest;

/** The range of Node versions that Unroll supports. */
export const supportedNode = manifest.engines.node;

/** The folder of the installation. */
export const installation = dirname(manifestFile);

/** Refuses a version of Node that is not supported, in one line. */
export function nodeProblem(running = process.versions.node, range = supportedNode): string | undefined {
  const [, major, minor, end] = /^>=(\d+)\.(\d+) <(\d+)$/.exec(range)!.map(Number) as [number, number, number, number];
  const [ownMajor, ownMinor] = running.split('.').map(Number) as [number, number];
  const fits = ownMajor < end && (ownMajor > major || (ownMajor === major && ownMinor >= minor));
  return fits ? undefined : `Node ${running} is not supported: use a version that is ${range.replace(' ', ' and ')}`;
}
