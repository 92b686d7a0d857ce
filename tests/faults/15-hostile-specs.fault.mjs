import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { require, sweepOf, withFleet } from './support/fleet.mjs';
import { hostileTexts } from './support/hostile-specs.mjs';

export const title = '200 hostile specs, bodies and uploads';

/** Milliseconds in which an API with an idle processor refuses each, and in which it does beside other programs. */
const wanted = 50;
const tolerated = 500;
/** Megabytes by which its memory may grow. */
const growth = 100;

const megabytes = (pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1000;

/** Posts a text; resolves with the status and the milliseconds until the answer was read. */
async function post(fleet, { path = '/v1/sweeps', type = 'application/json', text, key = fleet.key }) {
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

/** Asks for /healthz every 20 ms until stopped; tells the longest wait in milliseconds. */
function watchHealth(fleet) {
  let [longest, isOver] = [0, false];
  const watching = (async () => {
    while (!isOver) {
      const began = performance.now();
      // The scenario may have ended, and the API with it.
      await fetch(`${fleet.url}/healthz`).catch(() => (isOver = true));
      longest = Math.max(longest, performance.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    isOver = true;
    await watching;
    return longest;
  };
}

/** Refuses all texts; a slow answer is asked for twice more, since other programs use the processor too. */
async function refuseAll(fleet, texts) {
  const times = [];
  for (const each of texts) {
    let best = Infinity;
    for (let attempt = 0; attempt < 3 && best > wanted; attempt += 1) {
      const { status, answer, took } = await post(fleet, each);
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
    const times = await refuseAll(fleet, texts);
    for (let round = 0; full && round < 5; round += 1) await refuseAll(fleet, texts);
    const strangers = await postForEver(fleet, { 'content-type': 'application/json' });
    const known = await postForEver(fleet, {
      'content-type': 'application/json',
      authorization: `Bearer ${fleet.key}`,
    });
    require(strangers.status === 401 && known.status === 413, `endless bodies: ${strangers.status}, ${known.status}`);
    const health = await stop();
    const grown = megabytes(api.pid) - memory;
    require((await countRows(fleet)) === rows, 'rows were written');
    require(grown < growth, `the API grew by ${Math.round(grown)} MB`);
    require(health < tolerated, `/healthz took ${Math.round(health)} ms meanwhile`);
    const late = times.filter(({ took }) => took > wanted);
    const median = times[Math.floor(times.length / 2)].took;
    return (
      `${times.length} refused, median ${median.toFixed(1)} ms, slowest ${Math.round(times[0].took)} ms (${times[0].name}), ` +
      `${late.length} above ${wanted} ms; /healthz at most ${Math.round(health)} ms; memory ${grown < 0 ? '' : '+'}${Math.round(grown)} MB; ` +
      `endless bodies closed after ${strangers.sent.toFixed(1)} and ${known.sent.toFixed(1)} MB; no row written`
    );
  });
