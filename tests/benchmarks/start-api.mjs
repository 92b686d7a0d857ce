import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const built = fileURLToPath(new URL('../../dist', import.meta.url));

/** Starts a built API on a free port; `environment`: variables beside those that it needs. `dist`: the folder of the build. */
export async function startApi(databaseUrl, folder, environment = {}, dist = built) {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    UNROLL_PORT: '0',
    UNROLL_DATA: folder,
    UNROLL_LOG_LEVEL: 'error',
    ...environment,
  };
  const api = fork(`${dist}/apps/api/src/main.js`, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [{ port, message }] = await new Promise((done) => api.on('message', (...all) => done(all)));
  if (!port) throw new Error(message);
  const stop = () => new Promise((done) => (api.on('exit', done), api.kill('SIGTERM')));
  return { url: `http://127.0.0.1:${port}`, pid: api.pid, stop };
}
