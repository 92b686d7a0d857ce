import { fork } from 'node:child_process';

/** Starts a built API on a free port; `environment`: variables beside those that it needs. */
export async function startApi(databaseUrl, folder, environment = {}) {
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    UNROLL_PORT: '0',
    UNROLL_DATA: folder,
    UNROLL_LOG_LEVEL: 'error',
    ...environment,
  };
  const api = fork(new URL('../../dist/apps/api/src/main.js', import.meta.url).pathname, {
    env,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ port, message }] = await new Promise((done) => api.on('message', (...all) => done(all)));
  if (!port) throw new Error(message);
  const stop = () => new Promise((done) => (api.on('exit', done), api.kill('SIGTERM')));
  return { url: `http://127.0.0.1:${port}`, stop };
}
