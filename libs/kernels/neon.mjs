// npm run neon: tests/fuzz.cc for arm64 on any processor, cross-compiled and run by qemu. Needs Debian's g++-aarch64-linux-gnu and
// qemu-user. Arguments go to fuzz: --rounds N (default 40) --seed N.
import { buildProgram, fail, run } from './toolchain.mjs';

async function neon() {
  const program = await buildProgram('fuzz', { name: 'neon', compiler: 'aarch64-linux-gnu-g++', arch: 'arm64' });
  await run('qemu-aarch64', ['-L', '/usr/aarch64-linux-gnu', program, ...process.argv.slice(2), '--rounds', '40']);
}

await neon().catch((error) => {
  const remedy = '; apt install g++-aarch64-linux-gnu qemu-user';
  fail(new Error(error.message + (error.message.endsWith('is not installed') ? remedy : '')));
});
