// Against a running stack: UNROLL_DATA names its folder. Run by tests/end-to-end/clients.spec.ts of the repository.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Client, Refused, TimedOut, Unreachable } from '@unroll/client';

const small = {
  name: 'from TypeScript',
  dataset: { name: 'typescript-declarations', split: { validation: 4000 } },
  task: 'language-model',
  model: { cell: { grid: ['rnn', 'gru'] }, hiddenSize: 8, embeddingSize: 4 },
  training: { bptt: 8, batchSize: 4, updates: 8, reportEvery: 4 },
  search: { trials: 2 },
};

const all = async (items) => {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
};

const unroll = await Client.local();

describe('a sweep', () => {
  let sweep;
  before(async () => {
    sweep = await unroll.submit(small);
    await sweep.wait({ timeout: 120_000 });
  });

  it('has a board with its parameters and metrics', async () => {
    assert.equal(sweep.state, 'completed');
    const board = await sweep.board();
    assert.deepEqual(
      board.map(({ rank }) => rank),
      [1, 2],
    );
    assert.deepEqual(board.map(({ parameters }) => parameters['model.cell']).sort(), ['gru', 'rnn']);
    assert.equal(board[0].value, board[0].metrics['validation.bitsPerToken']);
    assert.equal((await sweep.board({ limit: 1 })).length, 1);
    const only = await sweep.board({ where: ['model.cell:gru'] });
    assert.deepEqual(
      only.map(({ parameters }) => parameters['model.cell']),
      ['gru'],
    );
  });

  it('has a best trial with curves and a model', async () => {
    const best = await sweep.best();
    assert.equal(best.id, (await sweep.board())[0].trialId);
    const { updates, values } = await best.curve('validation.bitsPerToken');
    assert.deepEqual(updates, [4, 8]);
    assert.ok(Math.abs(Math.min(...values) - best.value) < 1e-9);
    assert.ok((await best.curves()).some(({ name }) => name === 'train.loss'));
    await assert.rejects(best.curve('validation.accuracy'), RangeError);
    assert.match(new TextDecoder('latin1').decode(await best.model()), /weight_ih_l0/);
  });

  it('has trials, and is one of the sweeps, read page by page', async () => {
    const trials = await all(sweep.trials({ pageSize: 1 }));
    assert.deepEqual(
      trials.map(({ view }) => view.configuration),
      [0, 1],
    );
    assert.deepEqual(await all(sweep.trials({ state: 'failed' })), []);
    assert.ok((await all(unroll.sweeps())).some(({ id }) => id === sweep.id));
  });

  it('is planned from a text, which creates nothing', async () => {
    const before = (await all(unroll.sweeps())).length;
    const plan = await unroll.plan(
      'dataset: typescript-declarations\ntask: language-model\nmodel: {cell: {grid: [rnn, gru]}}\n',
    );
    assert.equal(plan.trials, 2);
    assert.equal((await all(unroll.sweeps())).length, before);
  });

  it('is refused with the key and the fix', async () => {
    await assert.rejects(unroll.submit({ ...small, training: { lr: 1e-3 } }), (error) => {
      assert.ok(error instanceof Refused);
      assert.equal(error.status, 422);
      assert.equal(error.message, 'training.lr: unknown key; did you mean learningRate?');
      assert.deepEqual(
        error.errors.map(({ path }) => path),
        ['training.lr'],
      );
      return true;
    });
    await assert.rejects(unroll.trial('nowhere'), { name: 'Refused', status: 404 });
  });

  it('is paused, resumed, extended, cancelled and deleted, and tells so', async () => {
    const training = { ...small.training, updates: 10_000_000, learningRate: { logUniform: [1e-3, 1e-2] } };
    const endless = await unroll.submit({ ...small, training });
    await assert.rejects(endless.wait({ timeout: 0 }), TimedOut);
    const listening = new AbortController();
    const events = endless.events({ signal: listening.signal });
    assert.equal((await events.next()).value.event, 'reset');
    assert.equal((await endless.pause()).state, 'paused');
    for await (const { event, data } of events)
      if (event === 'sweep' && data.state === 'paused') {
        assert.equal(data.id, endless.id);
        break;
      }
    listening.abort();
    assert.equal((await endless.resume()).state, 'running');
    assert.equal((await endless.extend(2)).view.total, 4);
    assert.equal((await endless.cancel()).state, 'cancelled');
    await endless.delete();
    await assert.rejects(endless.refresh(), Refused);
  });
});

describe('a study', () => {
  it('gives parameters and ranks what is told', async () => {
    const study = await unroll.study({
      name: 'TypeScript study',
      space: { x: { uniform: [-1, 1] }, n: { choice: [1, 2] } },
      search: { algorithm: 'random', trials: 3 },
    });
    const told = new Map();
    for await (const trial of study) {
      told.set(trial.id, trial.parameters.x ** 2 + trial.parameters.n);
      await study.tell(trial, { value: told.get(trial.id), metrics: { accuracy: 0.5 } });
    }
    assert.equal(told.size, 3);
    assert.equal((await study.wait({ timeout: 60_000 })).state, 'completed');
    const best = await study.best();
    assert.equal(best.value, Math.min(...told.values()));
    assert.equal(told.get(best.id), best.value);
    assert.equal(await study.ask(), undefined);
  });

  it('stops what its rule prunes', async () => {
    const study = await unroll.study({
      name: 'TypeScript steps',
      space: { x: { grid: [1, 2, 3] } },
      steps: 4,
      search: 'grid',
      stopping: { rule: 'median', minUpdates: 1, minTrials: 1 },
    });
    const pruned = [];
    for await (const trial of study) {
      for (let step = 0; step < trial.steps && trial.stopped === undefined; step++)
        await trial.report(trial.parameters.x);
      if (trial.stopped === undefined) assert.equal((await trial.tell()).value, trial.parameters.x);
      else pruned.push(trial.parameters.x);
    }
    assert.ok(pruned.length > 0);
    const known = await all(study.trials({ state: 'pruned' }));
    assert.deepEqual(known.map(({ parameters }) => parameters.x).sort(), pruned.sort());
  });

  it('knows what is not finite, and why a trial failed', async () => {
    const study = await unroll.study({
      name: 'TypeScript failures',
      space: { x: { uniform: [0, 1] } },
      search: { algorithm: 'random', trials: 2 },
    });
    assert.equal((await (await study.ask()).tell(NaN)).state, 'diverged');
    const { state, message } = await (await study.ask()).fail('out of memory');
    assert.deepEqual([state, message], ['failed', 'out of memory']);
  });
});

describe('a connection that breaks', () => {
  const received = [];
  const server = createServer((request, response) => {
    received.push([request.url, request.headers['idempotency-key']]);
    request.resume().on('end', () => {
      if (received.length !== 2) return request.socket.destroy();
      response.writeHead(201, { 'content-type': 'application/json', connection: 'close' });
      return response.end('{"id": "q7k2m9xa", "state": "running"}');
    });
  });
  before(() => new Promise((resolve) => server.listen(0, '127.0.0.1', resolve)));
  after(() => server.close());

  it('has a request sent again only where that is safe', async () => {
    const other = new Client({ url: `http://127.0.0.1:${server.address().port}/`, key: 'key' });
    const sweep = await other.submit(small);
    assert.equal(received.length, 2);
    assert.notEqual(received[0][1], undefined);
    assert.deepEqual(received[0], received[1]);
    await assert.rejects(sweep.pause(), Unreachable);
    assert.equal(received.length, 3);
  });
});

/** A server of this test: `answer` gets each request with its body, and its number. */
async function serving(context, answer) {
  let requests = 0;
  const server = createServer(async (request, response) => {
    const number = requests++;
    const parts = [];
    for await (const part of request) parts.push(part);
    answer(request, response, { number, body: Buffer.concat(parts).toString() });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new Client({ url: `http://127.0.0.1:${server.address().port}`, key: 'key' });
}

it('a stream of events that breaks within a batch goes on after the last id that came', async (context) => {
  const asked = [];
  const other = await serving(context, (request, response, { number }) => {
    asked.push(request.headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (number > 0) return response.write('event: sweep\nid: 5.7\ndata: {"id": "a", "gone": true}\n\n');
    // Of a batch, only the last event has an id: here it is cut off before that one.
    const batch = 'event: reset\nid: 5.6\ndata: {}\n\nevent: trial\ndata: {"id": "b"}\n\n';
    return response.write(batch, () => setTimeout(() => response.destroy(), 50));
  });
  const listening = new AbortController();
  const came = [];
  for await (const { id, event } of other.events({ signal: listening.signal })) {
    came.push([event, id]);
    if (event === 'sweep') listening.abort();
  }
  assert.deepEqual(asked, [undefined, '5.6']);
  assert.deepEqual(came, [
    ['reset', '5.6'],
    ['trial', '5.6'],
    ['sweep', '5.7'],
  ]);
});

it('a report that did not arrive is no step: it is sent again as the same', async (context) => {
  const steps = [];
  const other = await serving(context, (request, response, { body }) => {
    const answer = (value) => response.writeHead(200, { connection: 'close' }).end(JSON.stringify(value));
    if (request.url === '/v1/studies') return answer({ id: 'a', state: 'running' });
    if (request.url === '/v1/sweeps/a/ask')
      return answer({ trial: { id: 'b', attempt: 'c', steps: 3, parameters: {} } });
    steps.push(JSON.parse(body).step);
    return steps.length === 2 ? request.socket.destroy() : answer({ stop: false, why: null });
  });
  const trial = await (await other.study({ space: { x: 1 } })).ask();
  assert.equal(await trial.report(0.5), false);
  await assert.rejects(trial.report(0.4), Unreachable);
  assert.equal(await trial.report(0.4), false);
  assert.equal(await trial.report(0.3, { step: 3 }), false);
  assert.deepEqual(steps, [1, 2, 2, 3]);
  await Promise.all([trial.report(0.2), trial.report(0.1)]);
  assert.deepEqual(steps.slice(4).sort(), [4, 5]);
});

it('the key of a stack in a folder is not sent to another machine, and no stack is said so', async (context) => {
  const environment = { ...process.env };
  context.after(() => void (process.env = environment));
  process.env.UNROLL_URL = 'http://127.0.0.1.example.invalid';
  await assert.rejects((await Client.local()).sweep(), { name: 'Unreachable' });
  delete process.env.UNROLL_URL;
  process.env.UNROLL_DATA = '/nowhere';
  await assert.rejects(Client.local(), { name: 'Unreachable' });
});
