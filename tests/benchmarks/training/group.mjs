// A training step of ours, and of PyTorch in another process.
import { createRequire } from 'node:module';
import { median } from '../median.mjs';
import { openPython, sweepPeer } from '../python-environment.mjs';

const require = createRequire(import.meta.url);
export const ours = (path) => require(`../../../dist/libs/training/src/${path}.js`);
export const classes = 65;

/**
 * PyTorch in another process, idle while we measure; undefined if it cannot be installed. `measure` gives CPU milliseconds of a step and
 * bytes: by how much the process grew at most.
 */
export async function openPeer() {
  const peer = await openPython(sweepPeer, 'pytorch_training.py');
  const measure = async (...what) => {
    const [milliseconds, bytes] = (await peer.ask(what.join(' '))).split(' ').map(Number);
    return { milliseconds, bytes };
  };
  return peer && { ...peer, measure };
}

/** A group of one lane that trains on random tokens, like the peer. */
export function openGroup({ cell, batch, steps, hidden, dense, recompute = false }) {
  const { LaneGroup } = ours('loop/lane-group');
  const { plainLane } = ours('loop/lane');
  const { languageModelParameters, openLanguageModel } = ours('tasks/language-model');
  const { contiguousStreams } = ours('batches/streams');
  const { initialValues } = ours('nn/parameter');
  const { tf } = ours('tensor/tfjs');
  const { modelSpec } = require('../../../dist/libs/contracts/src/index.js');
  const { tokensInMemory } = require('../../../dist/libs/datasets/src/index.js');
  const model = modelSpec.parse({ cell, hiddenSize: hidden, embeddingSize: hidden });
  const vocabulary = Array.from({ length: classes }, (_, index) => String(index));
  const tokens = Uint16Array.from(
    { length: batch * steps * 4 + 1 },
    (_, index) => ((index * 7919) ^ (index >> 3)) % classes,
  );
  const streams = contiguousStreams(tokensInMemory(tokens), batch);
  const task = openLanguageModel(
    model,
    { bptt: steps, stateful: true, recompute },
    { vocabulary, separator: '' },
    {
      train: streams,
      validation: streams,
    },
  );
  if (dense) {
    const { getCell } = ours('nn/cells/cells');
    const { denseInput, recurrentStack } = ours('nn/stack');
    const { crossEntropy } = ours('losses/cross-entropy');
    const { linear } = ours('functional/linear');
    const { lookup } = ours('functional/embedding');
    task.loss = (parameters, { ids, classes: right, weight }, before, positions) => {
      const x = lookup(parameters('embedding.weight'), tf.reshape(ids, [1, steps * batch]));
      const { outputs, states } = recurrentStack(
        {
          cell: getCell(model),
          layers: 1,
          bidirectional: false,
          parameters: (name) => parameters(`recurrent.${name}`),
        },
        denseInput(tf.reshape(x, [1, steps, batch, hidden])),
        before,
        { training: positions !== undefined, recompute },
      );
      const rows = tf.reshape(outputs, [1, steps * batch, hidden]);
      const logits = linear(rows, parameters('output.weight'), parameters('output.bias'));
      return { loss: crossEntropy(logits, { classes: right, weight }), states };
    };
  }
  const lane = {
    ...plainLane,
    parameters: languageModelParameters(model, classes),
    seed: 1,
    optimizer: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    learningRate: 1e-3,
    clipNorm: 1,
  };
  return new LaneGroup([lane], task, (each, parameter) => initialValues(parameter, each.seed));
}

/** CPU milliseconds of an update: the median. */
export function milliseconds(group, updates) {
  const times = [];
  for (let update = 0; update < updates + 2; update++) {
    const began = process.cpuUsage();
    const answer = group.advance();
    answer.dataSync();
    answer.dispose();
    const { user, system } = process.cpuUsage(began);
    times.push((user + system) / 1000);
  }
  return median(times.slice(2));
}
