#!/usr/bin/env node
// Installs and builds what is missing, then runs the built command.
import { createRequire } from 'node:module';
import { prepare, root } from './prepare.mjs';

await prepare({ quiet: process.argv.includes('--json') });
createRequire(import.meta.url)(`${root}/dist/apps/cli/src/main.js`);
