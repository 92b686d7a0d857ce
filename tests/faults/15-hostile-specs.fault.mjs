import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { require, sweepOf, until, withFleet } from './support/fleet.mjs';
import { hostileTexts } from './support/hostile-specs.mjs';

export const title = '200 hostile specs, bodies and uploads';

/**
 * Milliseconds of processor time in which the API refuses each, and in which it does beside other programs that share the processor's
 * caches.
 */
const wanted = 50;
const tolerated = 500;

/**
 * Megabytes by which its memory may grow from what it has after ordinary use, in use after each round and at any moment, with garbage. That
 * use starts a thread and compiles code, which takes 70 MB once.
 */
const growth = { used: 100, peak: 250 };
/** Valid sweeps that are planned before, by each of some samplers. */
const ordinary = 40;

/** The memory of a process now (`VmRSS`) or at its most (`VmHWM`), in megabytes. */
const megabytes = (pid, what) =>
  Number(new RegExp(`${what}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;

/** The megabytes that a process uses, without its garbage. */
async function memoryOf(running) {
  const said = () => running.log.split('garbage collected').length;
  const before = said();
  running.kill('SIGWINCH');
  await until('garbage is collected', () => said() > before);
  return megabytes(running.pid, 'VmRSS');
}

const plus = (number) => `${number < 0 ? '' : '+'}${Math.round(number)}`;

/** Plans valid sweeps. */
async function useOrdinarily(fleet) {
  for (let number = 0; number < ordinary; number += 1) {
    const algorithm = ['random', 'tpe', 'sobol'][number % 3];
    const constraints = number % 2 ? { constraints: ['hiddenSize * layers <= 64'] } : {};
    const sweep = sweepOf(20 + number, 10, {
      model: { cell: { choice: ['lstm', 'gru'] }, hiddenSize: { int: [8, 64] }, layers: { int: [1, 4] } },
      search: { algorithm, ...constraints },
    });
    const { status, answer } = await post(fleet, { path: '/v1/sweeps?dryRun=true', text: JSON.stringify(sweep) });
    require(status === 200, `a valid sweep was answered ${status}: ${answer.slice(0, 200)}`);
  }
}

/** Posts a text; resolves with the status and the milliseconds until the answer was read. */
async function post(fleet, request) {
  // A connection that waited for longer than the API keeps it open may be closed at the same moment.
  return send(fleet, request).catch((error) => {
    if (error.cause?.message !== 'other side closed') throw error;
    return send(fleet, request);
  });
}

async function send(fleet, { path = '/v1/sweeps', type = 'application/json', text, key = fleet.key }) {
  const began = performance.now();
  const response = await fetch(fleet.url + path, {
    method: 'POST',
    body: text,
    headers: { 'content-type': type, ...(key ? { authorization: `Bearer ${key}` } : {}) },
  });
  const answer = await response.text();
  return { status: response.status, answer, took: performance.now() - began };
}

/** Sends chunks until the API closes the connection; resolves with the status and the megabytes sent. */
function postForEver(fleet, headers) {
  return new Promise((resolve) => {
    const sending = request(`${fleet.url}/v1/sweeps`, { method: 'POST', headers });
    const chunk = Buffer.alloc(2 ** 16, ' ');
    let [status, sent] = [0, 0];
    const write = () => {
      while (!sending.destroyed && sending.write(chunk)) sent += chunk.length;
    };
    sending.on('drain', write);
    sending.on('response', (response) => (status = response.resume().statusCode));
    sending.on('error', () => undefined);
    sending.on('close', () => resolve({ status, sent: sent / 1e6 }));
    write();
  });
}

/** All rows of all tables but the log of migrations. */
const countRows = (fleet) =>
  fleet.one(
    `select sum((xpath('/row/count/text()', query_to_xml(format('select count(*) from %I', tablename), false, true, '')))[1]::text::bigint)
     from pg_tables where schemaname = 'public' and tablename <> 'migrations'`,
  );

/** Asks for /healthz every 20 ms until stopped, from a thread of its own; tells the milliseconds that 99 % and all took at most. */
function watchHealth(fleet) {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const times = [];
    let isOver = false;
    parentPort.once('message', () => (isOver = true));
    (async () => {
      while (!isOver) {
        const began = performance.now();
        await fetch(workerData + '/healthz').then((answer) => answer.text(), () => undefined);
        times.push(performance.now() - began);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      parentPort.postMessage(times.sort((a, b) => a - b));
    })();`;
  const watcher = new Worker(source, { eval: true, workerData: fleet.url });
  return async () => {
    watcher.postMessage('end');
    const [times] = await once(watcher, 'message');
    await watcher.terminate();
    return { most: times[Math.floor(times.length * 0.99)], longest: times.at(-1) };
  };
}

/** Milliseconds of processor time that a process has used, on all of its threads. */
const processorTime = (pid) =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, task) => {
    try {
      return sum + Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      // It has ended.
      return sum;
    }
  }, 0);

/** Refuses all texts; one that took long is sent twice more, since the API has other work too. `pid`: of the API. */
async function refuseAll(fleet, pid, texts) {
  const times = [];
  for (const each of texts) {
    let [best, used] = [Infinity, Infinity];
    for (let attempt = 0; attempt < 3 && used > wanted; attempt += 1) {
      const before = processorTime(pid);
      const { status, answer, took } = await post(fleet, each).catch((error) => {
        throw new Error(`${each.name}: ${error.message}, ${error.cause?.message}`);
      });
      require(status >= 400 && status < 500, `${each.name} was answered ${status}: ${answer.slice(0, 200)}`);
      require(answer.length < 20_000, `${each.name} was answered with ${answer.length} characters`);
      used = Math.min(used, processorTime(pid) - before);
      best = Math.min(best, took);
    }
    require(used < tolerated, `${each.name} took ${Math.round(used)} ms of processor time`);
    times.push({ name: each.name, took: best, used });
  }
  return times.sort((a, b) => b.used - a.used);
}

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const preload = fileURLToPath(new URL('support/collect-garbage.cjs', import.meta.url));
    const api = await fleet.startApi({ NODE_OPTIONS: `--require ${JSON.stringify(preload)}` });
    await useOrdinarily(fleet);
    const texts = hostileTexts(sweepOf(4, 10));
    require(texts.length >= 200, `only ${texts.length} hostile specs`);
    const [rows, before] = [await countRows(fleet), await memoryOf(api)];
    const stop = watchHealth(fleet);
    const memory = [];
    let times = [];
    for (let round = 0; round < (full ? 7 : 2); round += 1) {
      times = await refuseAll(fleet, api.pid, texts);
      memory.push(await memoryOf(api));
    }
    const strangers = await postForEver(fleet, { 'content-type': 'application/json' });
    const known = await postForEver(fleet, {
      'content-type': 'application/json',
      authorization: `Bearer ${fleet.key}`,
    });
    const announced = await postForEver(fleet, {
      'content-type': 'application/json',
      'content-length': '100000000',
      authorization: `Bearer ${fleet.key}`,
    });
    const statuses = [strangers, known, announced].map(({ status }) => status).join();
    require(statuses === '401,413,413', `endless bodies were answered ${statuses}`);
    const health = await stop();
    memory.push(await memoryOf(api));
    const grown = memory.map((used) => used - before);
    const peak = megabytes(api.pid, 'VmHWM') - before;
    require((await countRows(fleet)) === rows, 'rows were written');
    require(Math.max(...grown) < growth.used, `the memory of the API grew by ${grown.map(plus).join(', ')} MB`);
    require(peak < growth.peak, `the memory of the API grew by ${Math.round(peak)} MB at its most`);
    const late = times.filter(({ used }) => used > wanted);
    const [slowest] = times;
    const median = times[Math.floor(times.length / 2)];
    return (
      `${times.length} refused, in ${median.used.toFixed(1)} ms of processor time (median; ${median.took.toFixed(1)} ms by the clock), ` +
      `at most ${Math.round(slowest.used)} ms (${slowest.name}), ${late.length} above ${wanted} ms; ` +
      `/healthz 99 % in ${Math.round(health.most)} ms, all in ${Math.round(health.longest)} ms; ` +
      `memory ${Math.round(before)} MB after ordinary use, then ${grown.map(plus).join(', ')} MB, at most ${plus(peak)} MB; ` +
      `endless bodies closed after ${[strangers, known, announced].map(({ sent }) => sent.toFixed(1)).join(', ')} MB; no row written`
    );
  });
