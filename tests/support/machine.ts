import { existsSync } from 'node:fs';

const reason = (what: string): string => ` (skipped: this machine has no ${what})`;

/** `describe` on a machine that has `what`; elsewhere the block is skipped, and its name says why. */
export const describeWith =
  (what: string, isThere: boolean) =>
  (name: string, body: () => void): void =>
    isThere ? describe(name, body) : describe.skip(name + reason(what), body);

/** `it` on a machine that has `what`; elsewhere the test is skipped, and its name says why. */
export const itWith =
  (what: string, isThere: boolean) =>
  (name: string, body: (() => Promise<void>) | (() => void), milliseconds?: number): void =>
    isThere ? it(name, body, milliseconds) : it.skip(name + reason(what), body);

/** The driver of a GPU in software, SwiftShader; undefined where there is none. It comes with Debian's package chromium. */
export const softwareGpu = existsSync(process.env.VK_DRIVER_FILES ?? '') ? process.env.VK_DRIVER_FILES : undefined;

/** `it` for a test that takes long and differs little from others of its file: UNROLL_TEST_ALL=1 runs it. */
export const itAll = process.env.UNROLL_TEST_ALL
  ? it
  : (name: string, body: () => Promise<void>): void => it.skip(`${name} (UNROLL_TEST_ALL=1 runs it)`, body);
