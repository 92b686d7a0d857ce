import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folders in which the Vulkan loader looks for drivers. */
const driverFolders = [
  '/etc/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
];

/** The files by which Linux offers a GPU to programs, by folder. A display without computing units has none of them. */
const deviceFiles: Readonly<Record<string, RegExp>> = {
  '/dev/dri': /^renderD\d+$/,
  '/dev': /^(nvidia\d+|dxg|mali\d+|kgsl-3d\d+|pvr.*)$/,
};

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

const namesDriver = ({ VK_DRIVER_FILES, VK_ICD_FILENAMES }: NodeJS.ProcessEnv): boolean =>
  Boolean(VK_DRIVER_FILES || VK_ICD_FILENAMES);

/** Whether a driver for WebGPU can be found, of a GPU or of one in software. */
export function hasGpuDriver(environment = process.env): boolean {
  if (process.platform !== 'linux' || namesDriver(environment)) return true;
  return [...driverFolders, join(homedir(), '.local/share/vulkan/icd.d')].some((folder) => filesIn(folder).length > 0);
}

/**
 * Whether it is worth loading the driver to look for a GPU: there is one for it, or the environment asks for a GPU or a driver by
 * name. Mesa's drivers are on many machines without a GPU; loading them takes a tenth of a second, and they print warnings.
 */
export const mayHaveGpu = (environment = process.env): boolean =>
  hasGpuDriver(environment) &&
  (process.platform !== 'linux' ||
    Boolean(environment.UNROLL_GPU) ||
    namesDriver(environment) ||
    Object.entries(deviceFiles).some(([folder, pattern]) => filesIn(folder).some((name) => pattern.test(name))));
