import { existsSync } from 'node:fs';

/** A processor that plays a GPU, from Debian's package chromium: the specs of the engine webgpu run on it. Its driver is looked up in the real environment. */
const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';
if (existsSync(softwareGpu)) process.env.VK_DRIVER_FILES ??= softwareGpu;

/** Unit specs lie beside their source; integration and end-to-end specs in tests/. */
const common = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: { '^@unroll/(.*)$': '<rootDir>/libs/$1/src' },
  testTimeout: 60_000,
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.unroll/'],
};

export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs}/**/*.spec.ts'] },
    {
      ...common,
      displayName: 'integration',
      testMatch: ['<rootDir>/tests/{integration,end-to-end}/**/*.spec.ts'],
      globalSetup: '<rootDir>/tests/support/global-setup.mjs',
      globalTeardown: '<rootDir>/tests/support/global-teardown.mjs',
    },
    // Their servers and processes are their own.
    { ...common, displayName: 'faults', testMatch: ['<rootDir>/tests/faults/**/*.spec.ts'] },
  ],
  testTimeout: 60_000,
  // Half of two cores would wait for the other.
  maxWorkers: '100%',
};
