#!/usr/bin/env node
// Installs and builds what is missing, then runs the built command.
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

// Node from 22.1 on keeps what V8 has compiled, by the contents of each file. The processes that this one starts use it too.
process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'unroll', 'compiled');
module.enableCompileCache?.(process.env.NODE_COMPILE_CACHE);
await prepare({ quiet: process.argv.includes('--json') });
module.createRequire(import.meta.url)(`${root}/dist/apps/cli/src/main.js`);
