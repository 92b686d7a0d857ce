// npm run docs: writes the documentation that is generated from the contracts.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { sweepFileMarkdown } = createRequire(import.meta.url)('../dist/libs/contracts/src/index.js');
writeFileSync(new URL('sweep-file.md', import.meta.url), sweepFileMarkdown());
