// npm run docs: writes docs/sweep-file.md, generated from the schemas of libs/contracts.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { sweepFileMarkdown } = createRequire(import.meta.url)('../dist/libs/contracts/src/index.js');
writeFileSync(new URL('sweep-file.md', import.meta.url), sweepFileMarkdown());
