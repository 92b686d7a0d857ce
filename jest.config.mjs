import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** A GPU in software, from Debian's package chromium, for the specs of the engine webgpu. The loader reads the real environment. */
const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(softwareGpu)) {
  process.env.VK_DRIVER_FILES ??= softwareGpu;
  process.env.XDG_RUNTIME_DIR ??= tmpdir(); // without one it writes an error to the terminal
}

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

/** Unit specs are stored beside their source; integration and end-to-end specs in tests/. */
const common = {
  testEnvironment: '<rootDir>/tests/support/environment.mjs',
  runtime: '<rootDir>/tests/support/runtime.cjs',
  setupFilesAfterEnv: ['<rootDir>/tests/support/typed-array-equality.cjs'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^@unroll/(.*)$': '<rootDir>/libs/$1/src',
    '^fast-check$': '<rootDir>/tests/support/fast-check.cjs',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.unroll/'],
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
