// The time of a sweep's page beside event streams, readers that never read, slow uploads and exports; and of /healthz beside 20 sweeps at
// once. Names of loads as arguments leave out the others.
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WritableStream } from 'node:stream/web';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { openPostgres } from '../faults/support/servers.mjs';
import { fillBoards } from './board-data.mjs';
import { startApi } from './start-api.mjs';

const key = 'a-key-for-benchmarks-of-load';
const authorization = `Bearer ${key}`;
/** Seconds of each measurement, and milliseconds between two requests of it. */
const seconds = 15;
const pause = 20;

const percentile = (times, share) => times[Math.min(times.length - 1, Math.floor(times.length * share))];

/** Requests made before the measurement begins: the first ones of a thread load and compile its client. */
const warmUp = 25;

/** Requests a page again and again, in a thread, which the sockets of this one do not hold up. */
const source = `
  const { parentPort, workerData: { url, authorization, pause, warmUp } } = require('node:worker_threads');
  let isOver = false;
  parentPort.once('message', () => (isOver = true));
  (async () => {
    const times = [];
    for (let made = 1; !isOver; made += 1) {
      const began = performance.now();
      const response = await fetch(url, { headers: { authorization } });
      await response.arrayBuffer();
      if (!response.ok) throw new Error(url + ' was answered ' + response.status);
      if (made > warmUp) times.push(performance.now() - began);
      if (made === warmUp) parentPort.postMessage('warm');
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    parentPort.postMessage(times.sort((a, b) => a - b));
  })();`;

/** CPU seconds that a process has used, its threads included, from Linux' /proc. */
const cpuSeconds = (pid) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
    .slice(11, 13)
    .reduce((sum, ticks) => sum + Number(ticks) / 100, 0);

/** The milliseconds that half, 99 % and all of the requests of a page took at most while something happens; and the API's CPUs. */
async function measure({ url, pid }, path, happen = () => sleep(seconds * 1000)) {
  const thread = new Worker(source, { eval: true, workerData: { url: url + path, authorization, pause, warmUp } });
  await once(thread, 'message');
  const answered = once(thread, 'message');
  const [began, used] = [performance.now(), cpuSeconds(pid)];
  await happen();
  const took = (performance.now() - began) / 1000;
  const cpus = (cpuSeconds(pid) - used) / took;
  thread.postMessage('end');
  const [times] = await answered;
  await thread.terminate();
  return { half: percentile(times, 0.5), most: percentile(times, 0.99), all: times.at(-1), cpus, took };
}

/** Opens event streams; with `reads`, what they send is taken. */
async function openStreams(url, count, reads) {
  const { hostname, port } = new URL(url);
  const sockets = [];
  for (let number = 0; number < count; number += 1) {
    const socket = connect(Number(port), hostname);
    socket.on('error', () => undefined);
    socket.write(`GET /v1/events HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: ${authorization}\r\n\r\n`);
    if (reads) socket.resume();
    else socket.pause();
    sockets.push(socket);
    if (number % 100 === 99) await sleep(200);
  }
  await sleep(3000);
  return () => sockets.forEach((socket) => socket.destroy());
}

/** Begins uploads that send a byte a second. */
function openUploads(url, count) {
  const uploads = Array.from({ length: count }, () => {
    const headers = { authorization, 'content-type': 'multipart/form-data; boundary=x', 'content-length': '100000' };
    const sending = request(`${url}/v1/datasets`, { method: 'POST', headers });
    sending.on('error', () => undefined);
    sending.write('--x\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
    const timer = setInterval(() => sending.write('a'), 1000);
    return { sending, timer };
  });
  return () => uploads.forEach(({ sending, timer }) => (clearInterval(timer), sending.destroy()));
}

/** Exports of a board at the same time; resolves when all are read. */
const runExports = (url, id, count) =>
  Promise.all(
    Array.from({ length: count }, async () => {
      const response = await fetch(`${url}/v1/sweeps/${id}/export?format=csv`, { headers: { authorization } });
      await response.body.pipeTo(new WritableStream());
    }),
  );

/** Changes trials of a sweep five times a second, as a busy fleet does. */
function changeTrials(client, id) {
  let isOver = false;
  const changing = (async () => {
    for (let round = 0; !isOver; round += 1) {
      await client.query(`update trials set updates = updates + 1 where sweep_id = $1 and number between $2 and $3`, [
        id,
        ...[round * 5, round * 5 + 4].map((number) => number % 500),
      ]);
      await sleep(200);
    }
  })();
  return () => ((isOver = true), changing);
}

/** 20 sweeps that are submitted, proposed, replayed and exported at once. */
async function twentySweeps(url) {
  const send = async (path, body) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(
      url + path,
      body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers },
    );
    const answer = await response.text();
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${answer.slice(0, 200)}`);
    return answer;
  };
  await Promise.all(
    Array.from({ length: 20 }, async (_, number) => {
      const sweep = {
        name: `sweep ${number}`,
        dataset: 'typescript-declarations',
        task: 'language-model',
        model: { cell: { choice: ['lstm', 'gru'] }, hiddenSize: { int: [8, 128] } },
        training: { learningRate: { logUniform: [1e-4, 1e-2] } },
        search: { algorithm: ['tpe', 'random', 'sobol', 'gaussian-process'][number % 4], trials: 200 },
      };
      if (number % 4 === 3) sweep.model = { cell: 'gru', hiddenSize: { int: [8, 128] } };
      const { id } = JSON.parse(await send('/v1/sweeps', sweep));
      await Promise.all([send(`/v1/sweeps/${id}/replay`), send(`/v1/sweeps/${id}/export?format=csv`)]);
    }),
  );
}

function say(what, { half, most, all, cpus, took }) {
  const figures = [half, most, all].map((time) => time.toFixed(0).padStart(7)).join('');
  console.log(`${what.padEnd(54)}${figures} ${cpus.toFixed(2).padStart(6)} ${took.toFixed(0).padStart(6)}`);
}

const head = (what) => console.log(`${what.padEnd(54)}   50 %   99 %  100 %   CPUs      s`);

/** The loads, in their order: each begins, and returns what ends it. `until`: for as long as it takes instead of some seconds. */
const loads = {
  nothing: { what: 'nothing', begin: () => () => undefined },
  idle: { what: '2,000 idle event streams', begin: ({ url }) => openStreams(url, 2_000, true) },
  changes: {
    what: '2,000 event streams while trials change',
    begin: async ({ url, client, id }) => {
      const close = await openStreams(url, 2_000, true);
      const still = changeTrials(client, id);
      return async () => (await still(), close());
    },
  },
  unread: {
    what: 'these, and 300 readers that never read',
    begin: async ({ url, client, id }) => {
      const [close, closeUnread] = [await openStreams(url, 2_000, true), await openStreams(url, 300, false)];
      const still = changeTrials(client, id);
      return async () => (await still(), close(), closeUnread());
    },
  },
  uploads: { what: '200 slow uploads', begin: ({ url }) => openUploads(url, 200) },
  exports: { what: '1,000 exports of 1,000 trials', until: ({ url, id }) => runExports(url, id, 1_000) },
};

const sweeps = '20 sweeps submitted, proposed, replayed and exported';

export default async (names) => {
  const known = [...Object.keys(loads), 'sweeps'];
  for (const name of names) if (!known.includes(name)) throw new Error(`${name} is not one of ${known.join(', ')}`);
  const isWanted = (name) => names.length === 0 || names.includes(name);
  const postgres = await openPostgres();
  const folder = mkdtempSync(join(tmpdir(), 'unroll-load-'));
  const databaseUrl = postgres.url.replace(/[^/]*$/, 'load');
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  await admin.query('drop database if exists load');
  await admin.query('create database load');
  await admin.end();
  const api = await startApi(databaseUrl, folder, { UNROLL_KEY: key });
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await fillBoards(client, 10_000, 20);
    const { rows } = await client.query(`select id from sweeps order by id limit 1`);
    const target = { ...api, client, id: rows[0].id };
    const page = `/v1/sweeps/${target.id}`;
    await measure(api, page, () => sleep(2000));
    head('a sweep’s page beside');
    for (const [name, { what, begin, until }] of Object.entries(loads)) {
      if (!isWanted(name)) continue;
      const end = await begin?.(target);
      say(what, await measure(api, page, until && (() => until(target))));
      await end?.();
      await sleep(1000);
    }
    if (!isWanted('sweeps')) return;
    head('/healthz beside');
    say(sweeps, await measure(api, '/healthz', () => twentySweeps(api.url)));
  } finally {
    await client.end();
    await api.stop();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
