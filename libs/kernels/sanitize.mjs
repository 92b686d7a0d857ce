// npm run sanitize: tests/fuzz.cc, and then the addon's specs, with kernels built with AddressSanitizer and UndefinedBehaviorSanitizer.
// Needs g++ on Linux, and for the specs Node's headers beside its binary. Arguments go to fuzz: --rounds N (default 60) --seed N.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { buildProgram, compileKernels, fail, folder, run } from './toolchain.mjs';

const require = createRequire(import.meta.url);
const flags = [
  ...['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
];
const UBSAN_OPTIONS = 'print_stacktrace=1';

async function fuzz() {
  const program = await buildProgram('fuzz', { name: 'sanitized', flags });
  await run(program, [...process.argv.slice(2), '--rounds', '60'], { UBSAN_OPTIONS });
}

async function specs() {
  const headers = join(dirname(process.execPath), '..', 'include', 'node');
  const api = [
    ...['-DNAPI_VERSION=8', '-DNAPI_CPP_EXCEPTIONS', '-DNODE_ADDON_API_DISABLE_DEPRECATED'],
    ...[`-I${headers}`, `-I${dirname(require.resolve('node-addon-api/napi.h'))}`],
  ];
  const sources = readdirSync(join(folder, 'native', 'api'))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => [`native/api/${name}`, api]);
  const objects = await compileKernels({ name: 'sanitized', flags, sources: Object.fromEntries(sources) });
  const build = join(folder, 'build', 'sanitized');
  mkdirSync(join(build, 'Release'), { recursive: true });
  await run('g++', [...flags, '-shared', ...objects, '-o', join(build, 'Release', 'unroll_kernels.node')]);
  const library = (name) => execFileSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).trim();
  await run(
    process.execPath,
    [require.resolve('jest/bin/jest'), '--runInBand', '--selectProjects', 'unit', '--', 'libs/kernels'],
    {
      UNROLL_KERNELS: build,
      LD_PRELOAD: `${library('libasan.so')} ${library('libstdc++.so')}`,
      ASAN_OPTIONS: 'detect_leaks=0', // V8 keeps memory until the process ends.
      UBSAN_OPTIONS,
    },
  );
}

await fuzz().then(specs).catch(fail);
