import { lossScaling } from '../loss-scaling';
import { entryPoint, type Shader } from './shader';

/** Whether a float is finite, by its bits: a compiler may assume that all are. */
export const finite = `fn isFinite(value: f32) -> bool { return (bitcast<u32>(value) & 0x7f800000u) != 0x7f800000u; }`;

const { growth, backoff, interval, most } = lossScaling;
/** A number as WGSL writes one of f32. */
const float = (value: number): string => `f32(${value.toExponential()})`;

/**
 * Each lane's loss scale after an update (loss-scaling.ts), a thread for each. Inputs and outputs, each [lane]: scales, inverses, good; raw
 * and norms in, and out those of `raw` where they are not finite, else those of `norms`. Numbers: lanes.
 */
export const lossScaleShader: Shader = {
  key: 'loss scale',
  outputs: ['scalesAfter', 'inversesAfter', 'goodAfter', 'judged'],
  inputs: ['scales', 'inverses', 'good', 'raw', 'norms'].map((name) => [name, 'f32'] as const),
  numbers: ['lanes'],
  code: `${finite}
${entryPoint(64)}
  let lane = group.x * 64u + thread;
  if (lane >= size.lanes) { return; }
  var scale = scales[lane];
  var inverse = inverses[lane];
  var count = good[lane] + 1.0;
  judged[lane] = norms[lane];
  if (!isFinite(raw[lane])) {
    judged[lane] = raw[lane];
    scale *= ${float(backoff)};
    inverse *= ${float(1 / backoff)};
    count = 0.0;
  } else if (count >= ${float(interval)}) {
    count = 0.0;
    if (scale < ${float(most)}) {
      scale *= ${float(growth)};
      inverse *= ${float(1 / growth)};
    }
  }
  scalesAfter[lane] = scale;
  inversesAfter[lane] = inverse;
  goodAfter[lane] = count;
}`,
};
