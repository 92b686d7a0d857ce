import { existsSync } from 'node:fs';

/** A GPU in software, from Debian's package chromium, for the specs of the engine webgpu. The loader reads the real environment. */
const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(softwareGpu)) process.env.VK_DRIVER_FILES ??= softwareGpu;

/**
 * Jest runs each file in a context of `node:vm`, where every use of a global is a slow lookup: numeric code takes up to six
 * times as long. These become parameters of each module instead. None may be a name that a dependency declares itself.
 */
const sandboxInjectedGlobals = [
  ...['Math', 'Number', 'BigInt'],
  ...['Array', 'Object', 'String', 'Symbol', 'Map', 'Set', 'WeakMap', 'Promise', 'Error', 'JSON'],
  ...['ArrayBuffer', 'DataView', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
  ...['Int8Array', 'Int16Array', 'Int32Array', 'Uint8Array', 'Uint16Array', 'Uint32Array'],
];

/**
 * Specs of whole processes that show what others show of parts. A run must end within minutes on two cores: these run with
 * UNROLL_TEST_ALL=1, before a release and where what they test changes.
 */
const long = [
  'adopted-stack',
  'dashboard-tabs',
  'example-start',
  'extending',
  'lanes',
  'lost-gpu',
  'packed-gpu',
  'recordings-and-trees',
].map((name) => `/end-to-end/${name}\\.spec\\.ts$`);

/** Packages that are modules of ECMAScript alone. */
const modules = '(?:hyparquet|hyparquet-compressors|hysnappy)';
const commonJs = { swcrc: false, jsc: { target: 'es2022' }, module: { type: 'commonjs' } };

/** Unit specs are stored beside their source; integration and end-to-end specs in tests/. */
const common = {
  testEnvironment: '<rootDir>/tests/support/environment.mjs',
  setupFilesAfterEnv: ['<rootDir>/tests/support/typed-array-equality.cjs'],
  // Jest cannot require a module of ECMAScript, as Node does: these become CommonJS.
  transform: { '^.+\\.ts$': ['@swc/jest'], [`/node_modules/${modules}/.+\\.js$`]: ['@swc/jest', commonJs] },
  transformIgnorePatterns: [`/node_modules/(?!${modules}/)`],
  moduleNameMapper: {
    '^@unroll/(.*)$': '<rootDir>/libs/$1/src',
    '^fast-check$': '<rootDir>/tests/support/fast-check.cjs',
    // As one file: one of its many declares a Map, which is a parameter of each module here.
    '^apache-arrow$': '<rootDir>/node_modules/apache-arrow/Arrow.es2015.min.js',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.unroll/'],
  sandboxInjectedGlobals,
};

export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/{integration,end-to-end}/**/*.spec.ts'],
      testPathIgnorePatterns: process.env.UNROLL_TEST_ALL ? ['/node_modules/'] : ['/node_modules/', ...long],
      globalSetup: '<rootDir>/tests/support/global-setup.ts',
      globalTeardown: '<rootDir>/tests/support/global-teardown.ts',
    },
    // They start servers and processes of their own.
    { ...common, displayName: 'faults', testMatch: ['<rootDir>/tests/faults/**/*.spec.ts'] },
  ],
  // A test that drives processes takes a sixth of this on an idle machine.
  testTimeout: 180_000,
  testSequencer: '<rootDir>/tests/support/longest-first.cjs',
  // One more than the two cores of a small machine: the specs of processes wait more than they compute.
  maxWorkers: 3,
  // `npm run check` prints coverage by area: tests/support/coverage-by-area.mjs.
  collectCoverageFrom: [
    '{apps,libs}/*/src/**/*.ts',
    '!**/*.spec.ts',
    '!**/testing/**',
    '!**/*.d.ts',
    '!apps/dashboard/**',
  ],
  coverageProvider: 'v8',
  coverageReporters: ['json-summary'],
};
