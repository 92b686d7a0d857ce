// Compiles the kernels, and programs over them, with nothing of Node: for tests/run.mjs, sanitize.mjs and neon.mjs.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const folder = dirname(fileURLToPath(import.meta.url));

const { kernel_flags, avx2_flags, avx512_flags, avx512_vnni_flags, avx512_bfloat16_flags, neon_bfloat16_flags } =
  JSON.parse(readFileSync(join(folder, 'flags.gypi'), 'utf8')).variables;

/** What each instruction set's file is compiled with, by processor: as in binding.gyp. */
const instructionSets = {
  x64: {
    ...{ portable: [], 'portable-bfloat16': [], avx2: avx2_flags, avx512: avx512_flags },
    'avx512-vnni': [...avx512_flags, ...avx512_vnni_flags],
    'avx512-bfloat16': [...avx512_flags, ...avx512_bfloat16_flags],
    'amx-bfloat16': [...avx512_flags, ...avx512_bfloat16_flags],
  },
  arm64: { portable: [], 'portable-bfloat16': [], neon: [], 'neon-bfloat16': neon_bfloat16_flags },
};

const filesIn = (name) =>
  readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Runs a command to its end. Throws Error where it fails, or is not installed. */
export function run(command, args, env = {}) {
  const child = spawn(command, args, {
    stdio: 'inherit',
    cwd: join(folder, '..', '..'),
    env: { ...process.env, ...env },
  });
  return new Promise((resolve, reject) => {
    child.on('error', () => reject(new Error(`${command} is not installed`)));
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${command} ended with ${signal ?? `exit code ${code}`}`)),
    );
  });
}

/** Compiles one source to `to`, unless that is newer than all sources. */
async function compile(compiler, source, to, flags) {
  const sources = [
    ...filesIn('native'),
    ...filesIn('tests'),
    ...['flags.gypi', 'toolchain.mjs'].map((name) => join(folder, name)),
  ];
  const newest = Math.max(...sources.map((each) => statSync(each).mtimeMs));
  if (existsSync(to) && statSync(to).mtimeMs > newest) return to;
  await run(compiler, [...flags, '-c', source, '-o', to]);
  return to;
}

/**
 * Compiles the kernels, and further sources of ours, to objects in libs/kernels/build/<name>. `flags` come after those of binding.gyp;
 * `sources` are paths in libs/kernels, each with flags of its own.
 */
export async function compileKernels({ name, compiler = 'g++', arch = process.arch, flags = [], sources = {} }) {
  const build = join(folder, 'build', name);
  mkdirSync(build, { recursive: true });
  const isas = Object.entries(instructionSets[arch] ?? { portable: [], 'portable-bfloat16': [] });
  const all = {
    ...Object.fromEntries(isas.map(([isa, own]) => [`native/isa/${isa}.cc`, own])),
    ...Object.fromEntries(
      filesIn('native/runtime')
        .filter((each) => each.endsWith('.cc'))
        .map((each) => [relative(folder, each), []]),
    ),
    ...sources,
  };
  return Promise.all(
    Object.entries(all).map(([source, own]) =>
      compile(compiler, join(folder, source), join(build, `${source.replaceAll('/', '-')}.o`), [
        ...kernel_flags,
        '-fPIC',
        ...own,
        ...flags,
      ]),
    ),
  );
}

/** Builds tests/<program>.cc over the kernels, and returns the path of the executable. */
export async function buildProgram(program, { name, compiler = 'g++', arch, flags = [] }) {
  const objects = await compileKernels({
    name,
    compiler,
    arch,
    flags,
    sources: { [`tests/${program}.cc`]: ['-Wall', '-Wextra'] },
  });
  const executable = join(folder, 'build', name, program);
  await run(compiler, [...flags, ...objects, '-pthread', '-o', executable]);
  return executable;
}

/** Ends the process with what failed, in one line. */
export function fail(error) {
  console.error(error.message);
  process.exit(1);
}
