import { updateRules, type UpdateKind, type UpdateRule } from '../update-rules';
import { finite } from './loss-scale';
import { each, entryPoint, type Shader } from './shader';

/**
 * Clips to the norm and updates, as torch.nn.utils.clip_grad_norm_ and torch.optim: vectors [lane, length], norms and limits [lane, 1],
 * scalars [scalar, lane, 1] in the order of the rule. `skipping`: a lane whose norm is not finite keeps what it has. Workgroups of 256:
 * (⌈length / 256⌉, lanes). Numbers: lanes, length.
 */
export function updateShader(kind: UpdateKind, skipping = false): Shader {
  const { slots, scalarNames, wgsl }: UpdateRule = updateRules[kind];
  const eachSlot = (text: (slot: number) => string): string => each(slots, text);
  return {
    key: `update ${kind}${skipping ? ' skipping' : ''}`,
    outputs: ['parametersAfter', ...['slot0After', 'slot1After'].slice(0, slots)],
    inputs: [
      ...['parameters', 'gradient', 'norms', 'limits', 'scalars', 'slot0Before', 'slot1Before']
        .slice(0, 5 + slots)
        .map((name) => [name, 'f32'] as const),
    ],
    numbers: ['lanes', 'length'],
    code: `${skipping ? finite : ''}
${entryPoint(256)}
  let own = group.x * 256u + thread;
  if (own >= size.length) { return; }
  let lane = group.y;
  let at = lane * size.length + own;
${
  skipping
    ? `  if (!isFinite(norms[lane])) {
    parametersAfter[at] = parameters[at];
${eachSlot((slot) => `    slot${slot}After[at] = slot${slot}Before[at];`)}
    return;
  }
`
    : ''
}  let ratio = limits[lane] / (norms[lane] + 1e-6);
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
