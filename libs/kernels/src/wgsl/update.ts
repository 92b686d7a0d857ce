import type { Shader } from './shader';

export type UpdateRule = 'adam' | 'adamw' | 'rmsprop' | 'sgd' | 'adagrad';

/** From w, the clipped gradient `given` and the slots a (and b): nextW, nextA (and nextB). `n(i)` is a lane's i-th number. */
const rules: Readonly<Record<UpdateRule, { slots: 1 | 2; code: string }>> = {
  adam: { slots: 2, code: adamCode('given + w * n(7u, lane)', 'w') },
  adamw: { slots: 2, code: adamCode('given', 'w * n(8u, lane)') },
  rmsprop: {
    slots: 2,
    code: `let g = given + w * n(5u, lane);
  let square = a * n(1u, lane) + g * g * n(2u, lane);
  let velocity = slot1[at] * n(3u, lane) + g / (sqrt(square) + n(4u, lane));
  next[at] = w - velocity * n(0u, lane);
  nextSlot0[at] = square;
  nextSlot1[at] = velocity;`,
  },
  sgd: {
    slots: 1,
    code: `let g = given + w * n(4u, lane);
  let velocity = a * n(1u, lane) + g;
  next[at] = w - (g * n(2u, lane) + velocity * n(3u, lane)) * n(0u, lane);
  nextSlot0[at] = velocity;`,
  },
  adagrad: {
    slots: 1,
    code: `let g = given + w * n(2u, lane);
  let sum = a + g * g;
  next[at] = w - g / (sqrt(sum) + n(1u, lane)) * n(0u, lane);
  nextSlot0[at] = sum;`,
  },
};

function adamCode(gradient: string, start: string): string {
  return `let g = ${gradient};
  let mean = a * n(0u, lane) + g * n(1u, lane);
  let square = slot1[at] * n(2u, lane) + g * g * n(3u, lane);
  next[at] = ${start} - mean / (sqrt(square) * n(5u, lane) + n(6u, lane)) * n(4u, lane);
  nextSlot0[at] = mean;
  nextSlot1[at] = square;`;
}

/**
 * Clips to the norm and updates, as torch.optim and torch.nn.utils.clip_grad_norm_: vectors [lane, length], norms and limits [lane, 1], scalars
 * [numbers, lane, 1] in the order of the optimizer. Workgroups of 256: (⌈length / 256⌉, lanes). Numbers: lanes, length.
 */
export function updateShader(rule: UpdateRule): Shader {
  const { slots, code } = rules[rule];
  const both = slots === 2;
  return {
    key: `update ${rule}`,
    outputs: ['next', 'nextSlot0', ...(both ? ['nextSlot1'] : [])],
    inputs: [
      ['parameters', 'f32'],
      ['gradient', 'f32'],
      ['norms', 'f32'],
      ['limits', 'f32'],
      ['scalars', 'f32'],
      ['slot0', 'f32'],
      ...(both ? [['slot1', 'f32'] as const] : []),
    ],
    numbers: ['lanes', 'length'],
    code: `
fn n(index: u32, lane: u32) -> f32 { return scalars[index * size.lanes + lane]; }
@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x >= size.length) { return; }
  let lane = id.y;
  let at = lane * size.length + id.x;
  let ratio = limits[lane] / (norms[lane] + 1e-6);
  // A norm that is NaN makes every value NaN.
  let given = gradient[at] * select(ratio, 1.0, ratio > 1.0);
  let w = parameters[at];
  let a = slot0[at];
  ${code}
}`,
  };
}
