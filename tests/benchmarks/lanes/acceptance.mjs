// Lanes trained together against the same trials one after the other: the time, and whether the results are equal.
import { Buffer } from 'node:buffer';
import { median } from '../median.mjs';

const text = 'the quick brown fox jumps over the lazy dog, and the dog sleeps on. '.repeat(60);

function makeSpec(ours, { cell, size: [batchSize, bptt, hidden], updates }, seed, changes = {}) {
  const { trialSpec } = ours('contracts/src/index');
  const { hiddenSize = hidden, ...training } = changes;
  return trialSpec.parse({
    dataset: { name: 'fox' },
    task: 'language-model',
    model: { cell, hiddenSize, embeddingSize: 32 },
    training: {
      ...{ batchSize, bptt, updates, reportEvery: updates, diagnostics: false, seed, learningRate: 1e-3 * seed },
      ...training,
    },
  });
}

/** The cases: the trials that start together, and one that joins later. */
function casesOf(ours, options) {
  const { updates, size } = options;
  const trials = (count, changes = () => ({})) =>
    Array.from({ length: count }, (_, index) => makeSpec(ours, options, index + 1, changes(index)));
  const odd = (index) => ({ hiddenSize: Math.max(1, size[2] - 3 * index) });
  return [
    { name: '8 lanes', first: trials(8) },
    { name: '7 lanes', first: trials(7) },
    { name: '8 lanes of unequal sizes', first: trials(8, odd) },
    {
      name: '8 lanes, one of them astray at once',
      first: trials(8, (index) => (index === 3 ? { divergence: { norm: 1e-9 } } : {})),
    },
    {
      name: '7 lanes, an eighth when half is done',
      first: trials(7),
      late: makeSpec(ours, options, 8, { updates: Math.ceil(updates / 2), reportEvery: Math.ceil(updates / 2) }),
    },
  ];
}

async function run(ours, engine, data, specs, late, after) {
  const { train } = ours('training/src/loop/train');
  const began = performance.now();
  let updates = 0;
  const results = await train(
    specs.map((spec, index) => ({ id: String(index), spec })),
    data,
    {
      engine,
      sampleLength: 0,
      onReport: () => undefined,
      arrivals: () => (late && ++updates === after ? [{ id: 'late', spec: late }] : []),
    },
  );
  return { results, milliseconds: performance.now() - began };
}

/** The largest relative difference of any weight matrix. */
function difference(ours, theirs) {
  let most = 0;
  for (const [name, { values }] of Object.entries(ours.weights ?? {})) {
    let [apart, size] = [0, 0];
    values.forEach((value, index) => {
      apart += (value - theirs.weights[name].values[index]) ** 2;
      size += value ** 2;
    });
    most = Math.max(most, Math.sqrt(apart / size));
  }
  return most;
}

/** Prints the table: medians of the rounds, together and alone alternating. */
export async function printAcceptance(ours, engine, options) {
  const { prepare } = ours('datasets/src/index');
  const [batch, steps, hidden] = options.size;
  console.log(
    `\n${engine.name}, ${options.cell}, batch ${batch}, ${steps} steps, hidden ${hidden}, ` +
      `trials of ${options.updates} updates, including validation`,
  );
  console.log('                                      together    one by one   of it   largest difference');
  for (const { name, first, late } of casesOf(ours, options)) {
    const { data } = prepare({ kind: 'text', bytes: Buffer.from(text) }, first[0]);
    const after = Math.ceil(options.updates / 2);
    const [together, alone] = [[], []];
    let most = 0;
    for (let round = 0; round < options.rounds; round++) {
      const beside = await run(ours, engine, data, first, late, after);
      together.push(beside.milliseconds);
      let sum = 0;
      for (const [index, spec] of [...first, ...(late ? [late] : [])].entries()) {
        const own = await run(ours, engine, data, [spec]);
        sum += own.milliseconds;
        most = Math.max(most, difference(beside.results[index], own.results[0]));
      }
      alone.push(sum);
    }
    const [beside, apart] = [median(together), median(alone)];
    const same = most === 0 ? 'none: bit for bit' : most.toExponential(1);
    console.log(
      `${name.padEnd(36)} ${beside.toFixed(0).padStart(7)} ms ${apart.toFixed(0).padStart(10)} ms ` +
        `${(beside / apart).toFixed(2).padStart(7)}   ${same}`,
    );
  }
}
