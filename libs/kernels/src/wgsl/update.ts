import { updateRules, type UpdateKind, type UpdateRule } from '../update-rules';
import { each, entryPoint, type Shader } from './shader';

/**
 * Clips to the norm and updates, as torch.nn.utils.clip_grad_norm_ and torch.optim: vectors [lane, length], norms and limits [lane, 1],
 * scalars [scalar, lane, 1] in the order of the rule. Workgroups of 256: (⌈length / 256⌉, lanes). Numbers: lanes, length.
 */
export function updateShader(kind: UpdateKind): Shader {
  const { slots, scalarNames, wgsl }: UpdateRule = updateRules[kind];
  const eachSlot = (text: (slot: number) => string): string => each(slots, text);
  return {
    key: `update ${kind}`,
    outputs: ['parametersAfter', ...['slot0After', 'slot1After'].slice(0, slots)],
    inputs: [
      ...['parameters', 'gradient', 'norms', 'limits', 'scalars', 'slot0Before', 'slot1Before']
        .slice(0, 5 + slots)
        .map((name) => [name, 'f32'] as const),
    ],
    numbers: ['lanes', 'length'],
    code: `
${entryPoint(256)}
  let own = group.x * 256u + thread;
  if (own >= size.length) { return; }
  let lane = group.y;
  let at = lane * size.length + own;
  let ratio = limits[lane] / (norms[lane] + 1e-6);
  // A norm that is NaN makes every value NaN.
  let clipped = gradient[at] * select(ratio, 1.0, ratio > 1.0);
  let w = parameters[at];
${eachSlot((slot) => `  let slot${slot} = slot${slot}Before[at];`)}
${each(scalarNames.length, (index) => `  let ${scalarNames[index]} = scalars[${index}u * size.lanes + lane];`)}
  ${wgsl}
  parametersAfter[at] = next;
${eachSlot((slot) => `  slot${slot}After[at] = next${slot};`)}
}`,
  };
}
