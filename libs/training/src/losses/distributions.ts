import { densityKernel, hasKernel } from '../tensor/kernels';
import { runKernel, tf, type Tensor } from '../tensor/tfjs';
import { leastDeviation, leastFreedom, softplus as softplusOf, type densities } from './densities';
import { absolute, type OutputLoss } from './regression';

/** The n numbers for each target, [lane, rows, n · width] → n × [lane, rows, width]. */
const apart = (outputs: Tensor, target: Tensor): Tensor[] => {
  const width = target.shape[2]!;
  return outputs.shape[2] === width ? [outputs] : tf.split(outputs, outputs.shape[2]! / width, 2);
};

/**
 * The mean over quantiles of the pinball loss q·max(y − f, 0) + (1 − q)·max(f − y, 0) (Koenker & Bassett 1978); f for each of `levels`
 * in turn. It is |y − f| / 2 + (q − 1/2)·(y − f).
 */
export const pinballLoss =
  (levels: readonly number[]): OutputLoss =>
  (outputs, target) => {
    const losses = apart(outputs, target).map((forecast, index) => {
      const error = tf.sub(target, forecast);
      return tf.add(tf.mul(absolute(error), 0.5), tf.mul(error, levels[index]! - 0.5));
    });
    return tf.div(tf.addN(losses), levels.length);
  };

/** ln(1 + eˣ), without overflow: max(x, 0) + ln(1 + e^−|x|). */
const softplus = (x: Tensor): Tensor => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(absolute(x)))));

/** A loss by the engine's own kernel, which gives the gradient with it, or else by plain operations. */
const densityLoss =
  (name: keyof typeof densities, composite: OutputLoss): OutputLoss =>
  (outputs, target) =>
    hasKernel(densityKernel)
      ? tf.customGrad((...[given, save]) => {
          const inputs = { outputs: given as Tensor, target };
          const [nats, slopes] = runKernel(densityKernel, inputs, { name }) as [Tensor, Tensor];
          (save as (tensors: Tensor[]) => void)([slopes]);
          const several = outputs.shape[2]! / target.shape[2]!;
          return {
            value: nats,
            gradFunc: (dy: Tensor, [kept]: Tensor[]) => tf.mul(kept!, tf.tile(dy, [1, 1, several])),
          };
        })(outputs)
      : composite(outputs, target);

/** −ln of the normal density at y, from mean and raw deviation. Unit: nats. */
export const normalLoss: OutputLoss = densityLoss('normal', (outputs, target) => {
  const [mean, raw] = apart(outputs, target);
  const deviation = tf.add(softplus(raw!), leastDeviation);
  const squares = tf.square(tf.div(tf.sub(target, mean!), deviation));
  return tf.add(tf.add(tf.log(deviation), tf.mul(squares, 0.5)), 0.5 * Math.log(2 * Math.PI));
});

/** ln Γ(x) for x ≥ 1, by Stirling's series at x + 4 and Γ(x + 1) = x·Γ(x); error below 1e-7. */
const logGamma = (x: Tensor): Tensor => {
  const product = tf.mul(tf.mul(x, tf.add(x, 1)), tf.mul(tf.add(x, 2), tf.add(x, 3)));
  const z = tf.add(x, 4);
  const inverse = tf.div(1, z);
  const series = tf.mul(inverse, tf.sub(1 / 12, tf.mul(tf.square(inverse), 1 / 360)));
  const stirling = tf.add(tf.sub(tf.mul(tf.sub(z, 0.5), tf.log(z)), z), tf.add(series, 0.5 * Math.log(2 * Math.PI)));
  return tf.sub(stirling, tf.log(product));
};

/** −ln of the density of Student's t at y, from location, raw scale and raw degrees of freedom, which are above 2. Unit: nats. */
export const studentLoss: OutputLoss = densityLoss('student-t', (outputs, target) => {
  const [location, rawScale, rawFreedom] = apart(outputs, target);
  const scale = tf.add(softplus(rawScale!), leastDeviation);
  const freedom = tf.add(softplus(rawFreedom!), leastFreedom);
  const half = tf.mul(tf.add(freedom, 1), 0.5);
  const squares = tf.square(tf.div(tf.sub(target, location!), scale));
  const tail = tf.mul(half, tf.log1p(tf.div(squares, freedom)));
  const constant = tf.sub(logGamma(tf.mul(freedom, 0.5)), logGamma(half));
  return tf.add(tf.add(constant, tail), tf.add(tf.log(scale), tf.mul(tf.log(tf.mul(freedom, Math.PI)), 0.5)));
});

/** The first where `is` is 1, the second where it is 0; TensorFlow.js differentiates no comparison. */
const chosen = (is: Tensor, first: Tensor, second: Tensor): Tensor =>
  tf.add(tf.mul(is, first), tf.mul(tf.sub(1, is), second));

/** Below it, Stirling's series would need more terms than 3. */
const leastOfSeries = 4;

/**
 * What Stirling's formula leaves of ln Γ(x) for x > 0: ln Γ(x) − (x − ½)·ln x + x − ½·ln 2π; error below 1e-6 for x up to 4, and of a
 * rounding above.
 */
const stirlingRemainder = (x: Tensor): Tensor => {
  const large = tf.maximum(x, leastOfSeries);
  const inverse = tf.div(1, large);
  const squares = tf.square(inverse);
  const series = tf.mul(inverse, tf.sub(1 / 12, tf.mul(squares, tf.sub(1 / 360, tf.mul(squares, 1 / 1260)))));
  const small = tf.minimum(x, leastOfSeries);
  const formula = tf.sub(tf.mul(tf.sub(small, 0.5), tf.log(small)), tf.sub(small, 0.5 * Math.log(2 * Math.PI)));
  const exact = tf.sub(tf.sub(logGamma(tf.add(small, 1)), tf.log(small)), formula);
  return chosen(tf.step(tf.sub(leastOfSeries, x)), exact, series);
};

/** Relative differences below which a logarithm is a series. */
const leastDifference = 0.1;

/** x·ln(x / m) + m − x for x > 0 and m > 0, from their difference x − m as well: the deviance of Loader (2000), which is bd0 in R. */
const deviance = (x: Tensor, m: Tensor, difference: Tensor): Tensor => {
  const ratio = tf.div(difference, tf.add(x, m));
  const squares = tf.square(ratio);
  const terms = tf.add(1 / 3, tf.mul(squares, tf.add(1 / 5, tf.mul(squares, tf.add(1 / 7, tf.mul(squares, 1 / 9))))));
  const near = tf.mul(ratio, tf.add(difference, tf.mul(tf.mul(x, 2), tf.mul(squares, terms))));
  const far = tf.sub(tf.mul(x, tf.log(tf.div(x, m))), difference);
  return chosen(tf.step(tf.sub(leastDifference, absolute(ratio))), near, far);
};

/**
 * −ln of the negative binomial probability of a count (Salinas et al. 2020, section 3.1), from raw mean and raw dispersion. With the
 * scale ν of a target the mean is ν·softplus and the dispersion, α, softplus / √ν (their section 3.3); the variance is mean + α·mean².
 * By the saddle point of Loader (2000), as dnbinom in R: of gamma functions of large counts, float32 would hold no digit of the difference.
 * `target`: the count / ν. Unit: nats.
 */
export const binomialLoss: OutputLoss = (outputs, target, scale) => {
  const [rawMean, rawDispersion] = apart(outputs, target);
  const relative = tf.add(softplus(rawMean!), leastDeviation);
  const mean = tf.mul(relative, scale!);
  const size = tf.div(tf.sqrt(scale!), tf.add(softplus(rawDispersion!), leastDeviation));
  const isNone = tf.less(tf.mul(target, scale!), 0.5);
  // −ln P(0) = size·ln(1 + mean / size).
  const none = tf.mul(size, tf.log1p(tf.div(mean, size)));
  const count = tf.where(isNone, tf.onesLike(target), tf.mul(target, scale!));
  const above = tf.where(isNone, tf.sub(1, mean), tf.mul(tf.sub(target, relative), scale!));
  const all = tf.add(count, size);
  const difference = tf.mul(above, tf.div(size, tf.add(mean, size)));
  const deviances = tf.add(
    deviance(count, tf.mul(all, tf.div(mean, tf.add(mean, size))), difference),
    deviance(size, tf.mul(all, tf.div(size, tf.add(mean, size))), tf.neg(difference)),
  );
  const remainders = tf.sub(tf.add(stirlingRemainder(count), stirlingRemainder(size)), stirlingRemainder(all));
  // √(all / (2π·count·size)) · size / all
  const roots = tf.mul(0.5, tf.add(tf.log(tf.div(count, size)), tf.log(tf.mul(all, 2 * Math.PI))));
  return tf.where(isNone, none, tf.add(tf.add(deviances, remainders), roots));
};

/** What the raw numbers of a distribution stand for. */
export const deviationOf = (raw: number): number => softplusOf(raw) + leastDeviation;
export const freedomOf = (raw: number): number => softplusOf(raw) + leastFreedom;
