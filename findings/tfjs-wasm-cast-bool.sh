#!/usr/bin/env bash
# @tensorflow/tfjs-backend-wasm 4.22.0 in Node, beside the backend cpu.
# tf.cast of numbers to bool on the backend wasm keeps the low byte of the whole part of a number instead of asking whether it is 0: 256 and
# 0.5 become false, -3 becomes 253. Without a word, a mask that is made from counts, lengths or weights loses steps: tf.where takes the
# other branch at 256, and the sum of the mask of six numbers is 256 where five are not 0. The backend cpu gives 0 and 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 \
  @tensorflow/tfjs-backend-wasm@4.22.0 >/dev/null 2>&1
found=$(node -e "
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const wasm = require('@tensorflow/tfjs-backend-wasm');
wasm.setWasmPaths(require('path').join('$folder', 'node_modules/@tensorflow/tfjs-backend-wasm/dist') + '/');
(async () => {
  for (const backend of ['cpu', 'wasm']) {
    await tf.setBackend(backend);
    const mask = tf.cast(tf.tensor1d([0, 1, 2, 256, 0.5, -3]), 'bool');
    const seen = tf.where(mask, tf.ones([6]), tf.zeros([6]));
    console.log(backend + ': mask ' + mask.dataSync() + '; where ' + seen.dataSync() + '; sum ' + tf.sum(tf.cast(mask, 'int32')).dataSync());
  }
})();" 2>/dev/null | grep mask)
echo "$found"
[ "$found" = 'cpu: mask 0,1,1,1,1,1; where 0,1,1,1,1,1; sum 5
wasm: mask 0,1,2,0,0,253; where 0,1,1,0,0,1; sum 256' ]
