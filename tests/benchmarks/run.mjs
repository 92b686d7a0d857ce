// npm run bench -- NAME: runs one benchmark and prints its table. Benchmarks inform; they never pass or fail.
import { readdirSync } from 'node:fs';

const folder = new URL('.', import.meta.url);
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.replace('.bench.mjs', ''));
const [name, ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`npm run bench -- NAME, where NAME is one of: ${names.join(', ')}`);
  process.exit(2);
}
const { default: bench } = await import(new URL(`${name}.bench.mjs`, folder));
try {
  await bench(rest);
} catch (error) {
  console.error(`bench ${name}: ${error.message}`);
  process.exit(1);
}
process.exit(0);
