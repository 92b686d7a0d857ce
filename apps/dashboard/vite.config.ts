import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const built = at('../../dist/apps/dashboard');

/** Writes a .br and a .gz file next to each text file: compressed once at build time, not on every request. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync(built, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(js|css|html|svg)$/.test(name)) continue;
      const text = readFileSync(join(built, name));
      writeFileSync(join(built, `${name}.br`), brotliCompressSync(text));
      writeFileSync(join(built, `${name}.gz`), gzipSync(text, { level: 9 }));
    }
  },
};

/** `npm run build` writes the dashboard to dist/apps/dashboard, from where the API serves it. */
export default defineConfig({
  root: at('.'),
  plugins: [compressed],
  resolve: {
    alias: Object.fromEntries(
      ['contracts', 'charts'].map((name) => [`@unroll/${name}`, at(`../../libs/${name}/src/index.ts`)]),
    ),
  },
  build: {
    outDir: built,
    emptyOutDir: true,
    chunkSizeWarningLimit: 700,
    // "use client" directives in libraries are for server rendering, which this page does not use.
    rolldownOptions: {
      onLog: (level, log, say) => log.code !== 'MODULE_LEVEL_DIRECTIVE' && say(level, log),
      // A page that uses one function of the contracts loads that one, and not zod with all of them.
      treeshake: { moduleSideEffects: [{ test: /[\\/]libs[\\/]contracts[\\/]src[\\/]/, sideEffects: false }] },
    },
  },
  // For development: `npx vite apps/dashboard` next to "npx unroll start".
  server: { proxy: { '/v1': process.env.UNROLL_URL ?? 'http://127.0.0.1:4000' } },
});
