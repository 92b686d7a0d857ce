import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Worker } from 'node:worker_threads';
import { require, sweepOf, withFleet } from './support/fleet.mjs';
import { hostileTexts } from './support/hostile-specs.mjs';

export const title = '200 hostile specs, bodies and uploads';

/** Milliseconds in which an API with an idle processor refuses each, and in which it does beside other programs. */
const wanted = 50;
const tolerated = 1000;
/**
 * Megabytes by which its memory may grow: from the first round, which starts its threads and lets V8's heap grow to what it holds garbage
 * in (185 MB), and from all rounds after it.
 */
const growth = { first: 300, later: 100 };

const megabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;

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

/** Refuses all texts; a slow answer is asked for twice more, since other programs use the processor too. */
async function refuseAll(fleet, texts) {
  const times = [];
  for (const each of texts) {
    let best = Infinity;
    for (let attempt = 0; attempt < 3 && best > wanted; attempt += 1) {
      const { status, answer, took } = await post(fleet, each).catch((error) => {
        throw new Error(`${each.name}: ${error.message}, ${error.cause?.message}`);
      });
      require(status >= 400 && status < 500, `${each.name} was answered ${status}: ${answer.slice(0, 200)}`);
      require(answer.length < 20_000, `${each.name} was answered with ${answer.length} characters`);
      best = Math.min(best, took);
    }
    require(best < tolerated, `${each.name} took ${Math.round(best)} ms`);
    times.push({ name: each.name, took: best });
  }
  return times.sort((a, b) => b.took - a.took);
}

export default ({ full }) =>
  withFleet({}, async (fleet) => {
    const api = await fleet.startApi();
    // Loads what the first submission loads.
    await post(fleet, { path: '/v1/sweeps?dryRun=true', text: JSON.stringify(sweepOf(4, 10)) });
    const texts = hostileTexts(sweepOf(4, 10));
    require(texts.length >= 200, `only ${texts.length} hostile specs`);
    const [rows, memory] = [await countRows(fleet), megabytes(api.pid)];
    const stop = watchHealth(fleet);
    await refuseAll(fleet, texts);
    const warm = megabytes(api.pid);
    const times = await refuseAll(fleet, texts);
    for (let round = 0; full && round < 5; round += 1) await refuseAll(fleet, texts);
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
    const [first, grown] = [warm - memory, megabytes(api.pid) - warm];
    require((await countRows(fleet)) === rows, 'rows were written');
    require(first < growth.first, `the API grew by ${Math.round(first)} MB in the first round`);
    require(grown < growth.later, `the API grew by ${Math.round(grown)} MB in later rounds`);
    require(health.most < tolerated, `/healthz took ${Math.round(health.most)} ms meanwhile`);
    const late = times.filter(({ took }) => took > wanted);
    const median = times[Math.floor(times.length / 2)].took;
    return (
      `${times.length} refused, median ${median.toFixed(1)} ms, slowest ${Math.round(times[0].took)} ms (${times[0].name}), ` +
      `${late.length} above ${wanted} ms; /healthz 99 % in ${Math.round(health.most)} ms, all in ${Math.round(health.longest)} ms; memory +${Math.round(first)} MB, then ${grown < 0 ? '' : '+'}${Math.round(grown)} MB; ` +
      `endless bodies closed after ${[strangers, known, announced].map(({ sent }) => sent.toFixed(1)).join(', ')} MB; no row written`
    );
  });
