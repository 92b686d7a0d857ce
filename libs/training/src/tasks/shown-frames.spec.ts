import { chords, makeSpec, trained } from '../testing/models.fixture';
import { tf } from '../tensor/tfjs';
import { Network } from '../models/network';

describe('frames that a network continues', () => {
  it('begin as the sequences of the validation part, and go on as it has learned, the same each time', async () => {
    const training = { batchSize: 7, updates: 150, reportEvery: 150, learningRate: 0.03 };
    const { model, data } = await trained(chords, [makeSpec('multilabel-frames', { training })]);
    const network = new Network(model, data);
    const before = tf.memory().numTensors;
    const { frames } = await network.task.exhibit!(network.named);
    expect(await network.task.exhibit!(network.named)).toEqual({ frames });
    expect(tf.memory().numTensors).toBe(before);
    network.dispose();
    expect(frames!.pieces).toHaveLength(3);
    for (const { given, written, right } of frames!.pieces) {
      // Every second frame is a chord of two notes.
      const all = [...given, ...right];
      expect(all).toEqual(all.map((_, step) => (step % 2 ? ['60', '64'] : ['62'])));
      expect(given).toHaveLength(Math.floor(all.length / 2));
      expect(written).toEqual(right);
    }
  });
});
