#!/usr/bin/env bash
# @tensorflow/tfjs-layers 4.22.0 (npm) and Keras 3.15.1 (PyPI).
# The two read and write the same names for layers, options and weights. The gates of an LSTM or GRU of TensorFlow.js are `hard_sigmoid` unless one
# says otherwise, and Keras 3 takes that name from its model.json without a word. But it means another function: clip(0.2 x + 0.5) in
# TensorFlow.js (and in Keras 2), clip(x / 6 + 0.5) in Keras 3. An LSTM that moves from one to the other, weights and all, gives other
# numbers; with `sigmoid` on both sides they agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --legacy-peer-deps @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-layers@4.22.0 >/dev/null 2>&1
python3 -m venv env
env/bin/pip install --quiet --no-compile keras==3.15.1 jax==0.10.2 numpy==2.2.6
cat > layers.cjs <<'JS'
const { writeFileSync } = require('node:fs');
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { layers, sequential } = require('@tensorflow/tfjs-layers');
const inputs = [[[1], [2], [-1]]];
const written = [undefined, 'sigmoid'].map((recurrentActivation) => {
  const model = sequential({ layers: [layers.lstm({ units: 1, recurrentInitializer: 'zeros', inputShape: [3, 1], recurrentActivation })] });
  model.setWeights([tf.ones([1, 4]), tf.fill([1, 4], 0.5), tf.zeros([4])]);
  const { config } = JSON.parse(model.toJSON()).config.layers.find((layer) => layer.class_name === 'LSTM');
  return { config, weights: model.getWeights().map((each) => each.arraySync()), output: model.predict(tf.tensor(inputs)).arraySync()[0][0] };
});
writeFileSync('models.json', JSON.stringify({ inputs, written }));
JS
node layers.cjs >/dev/null 2>&1
cat > layers.py <<'PY'
import json
import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np

models = json.load(open("models.json"))
inputs = np.array(models["inputs"])
far = []
for model in models["written"]:
    config = {name: value for name, value in model["config"].items() if name != "batch_input_shape"}
    layer = keras.layers.LSTM.from_config(config)
    layer.build(inputs.shape)
    layer.set_weights([np.array(each) for each in model["weights"]])
    theirs = float(layer(inputs)[0, 0])
    far.append(abs(theirs - model["output"]))
    print(f"{config['recurrent_activation']}: TensorFlow.js {model['output']:.6f}, Keras {theirs:.6f}")
assert models["written"][0]["config"]["recurrent_activation"] == "hard_sigmoid"
assert far[0] > 0.01 and far[1] < 1e-6
PY
env/bin/python layers.py 2>/dev/null
