#!/usr/bin/env bash
# @tensorflow/tfjs-core 4.22.0 with @tensorflow/tfjs-backend-cpu 4.22.0, in Node by require().
# The two packages suffice to compute: tf.matMul gives the right product. They do not suffice to differentiate: tf.grad of its sum
# throws "gradient function not found for Sum", because the CommonJS bundle of tfjs-core (its "main") registers no
# gradients, while the ES modules of the same version (its "module") do on import. The package @tensorflow/tfjs brings them along.
# A program that imports only what it needs trains when it is bundled from ES modules, and throws when Node runs it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs@4.22.0 >/dev/null 2>&1
program='
const attempt = (name, tf) => {
  const [a, b] = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])];
  const product = tf.matMul(a, b).dataSync()[0];
  let gradient;
  try { gradient = String(tf.grad((x) => tf.sum(tf.matMul(x, b)))(a).dataSync()); } catch (error) { gradient = error.message; }
  console.log(`${name}: product ${product}; gradient ${gradient}`);
};'
core=$(node -e "$program require('@tensorflow/tfjs-backend-cpu'); attempt('core and backend', require('@tensorflow/tfjs-core'));" 2>/dev/null)
whole=$(node -e "$program attempt('tfjs', require('@tensorflow/tfjs'));" 2>/dev/null)
echo "$core"
echo "$whole"
[ "$core" = 'core and backend: product 11; gradient Cannot compute gradient: gradient function not found for Sum.' ]
[ "$whole" = 'tfjs: product 11; gradient 3,4' ]
