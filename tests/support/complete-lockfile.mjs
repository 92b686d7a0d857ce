// npm run lockfile: npm omits optional binaries of other platforms from the lockfile, and `npm ci` then fails there. Adds an
// entry for each missing one, so that one lockfile serves every platform.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
const systems = 'aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32|windows';
const processors = 'arm64|arm|ia32|loong64|mips64el|ppc64|riscv64|s390x|x64';
const interfaces = 'gnu|musl|msvc|gnueabihf|musleabihf|eabi|eabihf';
const platform = new RegExp(`-(${systems})-(${processors})(?:-(?:${interfaces}))?$`);

let added = 0;
for (const owner of Object.values({ ...lock.packages })) {
  for (const [name, range] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`;
    const version = /\d+\.\d+\.\d+\S*/.exec(range)?.[0];
    const [, os, cpu] = platform.exec(name) ?? [];
    if (lock.packages[key] || !os || !version) continue;
    lock.packages[key] = {
      version,
      ...(owner.dev ? { dev: true } : {}),
      optional: true,
      os: [os.replace('windows', 'win32')],
      cpu: [cpu],
    };
    added += 1;
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
lock.packages = Object.fromEntries(sorted);
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} entries added`);
