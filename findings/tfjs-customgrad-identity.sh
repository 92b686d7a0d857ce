#!/usr/bin/env bash
# @tensorflow/tfjs 4.22.0 in Node, backend cpu.
# tf.customGrad of a function that returns its own argument as the value, as a gradient reversal layer (Ganin & Lempitsky 2015) or a
# straight-through estimator is usually written, adds its gradient to the one of the identity instead of replacing it: the value is
# the argument's tensor itself, so that what arrives at the value has arrived at the argument already. A reversal, whose gradient should
# be -1, gets 1 - 1 = 0, and the layers below it learn nothing, without a word; an identity gets 2. With value: x.clone() both are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @tensorflow/tfjs@4.22.0 >/dev/null 2>&1
found=$(node -e "
const tf = require('@tensorflow/tfjs');
const slope = (layer) => String(tf.grad((x) => tf.sum(layer(tf.mul(x, 3))))(tf.tensor1d([1, 2])).dataSync());
for (const [name, value] of [['its argument', (x) => x], ['a clone', (x) => x.clone()]]) {
  const identity = tf.customGrad((x) => ({ value: value(x), gradFunc: (dy) => dy }));
  const reversal = tf.customGrad((x) => ({ value: value(x), gradFunc: (dy) => tf.neg(dy) }));
  console.log('value ' + name + ': identity ' + slope(identity) + '; reversal ' + slope(reversal));
}" 2>/dev/null | grep '^value')
echo "$found"
[ "$found" = 'value its argument: identity 6,6; reversal 0,0
value a clone: identity 3,3; reversal -3,-3' ]
