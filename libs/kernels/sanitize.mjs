// npm run sanitize: the kernels' specs with kernels that are built with AddressSanitizer and UndefinedBehaviorSanitizer. Needs g++ on
// Linux, and Node's headers beside its binary.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const folder = dirname(fileURLToPath(import.meta.url));
const build = join(folder, 'build', 'sanitized');
const release = join(build, 'Release');
const headers = join(dirname(process.execPath), '..', 'include', 'node');
const machine = {
  x64: {
    portable: [],
    avx2: ['-mavx2', '-mfma'],
    avx512: ['-mavx512f', '-mavx512bw', '-mavx512dq', '-mavx512vl', '-mfma'],
  },
  arm64: { portable: [], neon: [] },
}[process.arch];

const common = [
  ...['-std=c++17', '-O1', '-g', '-fPIC', '-Wno-psabi', '-fno-omit-frame-pointer'],
  ...['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
];
const compile = (name, flags) => {
  const object = join(build, `${name}.o`);
  execFileSync('g++', [...common, ...flags, '-c', join(folder, 'native', `${name}.cc`), '-o', object], {
    stdio: 'inherit',
  });
  return object;
};

mkdirSync(release, { recursive: true });
const include = dirname(require.resolve('node-addon-api/napi.h'));
const objects = [
  compile('addon', ['-DNAPI_VERSION=8', '-DNAPI_CPP_EXCEPTIONS', `-I${headers}`, `-I${include}`]),
  ...Object.entries(machine).map(([name, flags]) => compile(name, flags)),
];
const addon = join(release, 'unroll_kernels.node');
execFileSync('g++', [...common, '-shared', ...objects, '-o', addon], { stdio: 'inherit' });

const library = (name) => execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
const { status } = spawnSync(
  process.execPath,
  [require.resolve('jest/bin/jest'), '--runInBand', '--selectProjects', 'unit', '--', 'libs/kernels'],
  {
    cwd: join(folder, '..', '..'),
    stdio: 'inherit',
    env: {
      ...process.env,
      UNROLL_KERNELS: build,
      LD_PRELOAD: `${library('libasan.so')} ${library('libstdc++.so')}`,
      // V8 keeps memory until the process ends.
      ASAN_OPTIONS: 'detect_leaks=0',
      UBSAN_OPTIONS: 'print_stacktrace=1',
    },
  },
);
process.exit(status ?? 1);
