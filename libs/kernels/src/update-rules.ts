/** An optimizer's update as the kernels have it: what it keeps, the scalars that it is given, and its arithmetic in WGSL. */
export interface UpdateRule<Name extends string = string> {
  readonly kind: string;
  /** How many vectors it keeps from one update to the next. */
  readonly slots: 1 | 2;
  /** Its scalars, in the order in which the kernels read them. */
  readonly scalarNames: readonly Name[];
  /**
   * Declares `next`, `next0` and, with two slots, `next1`, from a parameter `w`, its clipped gradient `clipped`, `slot0`, `slot1`
   * and the scalars by their names.
   */
  readonly wgsl: string;
}

const rule = <const Name extends string>(given: UpdateRule<Name>): UpdateRule<Name> => given;

const adam = rule({
  kind: 'adam',
  slots: 2,
  scalarNames: ['beta1', 'rest1', 'beta2', 'rest2', 'stepSize', 'correction', 'epsilon', 'coupled', 'keep'],
  wgsl: adamWgsl('clipped + w * coupled', 'w'),
});

const adamw = rule({ ...adam, kind: 'adamw', wgsl: adamWgsl('clipped', 'w * keep') });

function adamWgsl(gradient: string, start: string): string {
  return `let g = ${gradient};
  let next0 = slot0 * beta1 + g * rest1;
  let next1 = slot1 * beta2 + g * g * rest2;
  let next = ${start} - next0 / (sqrt(next1) * correction + epsilon) * stepSize;`;
}

const rmsprop = rule({
  kind: 'rmsprop',
  slots: 2,
  scalarNames: ['rate', 'alpha', 'rest', 'momentum', 'epsilon', 'decay'],
  wgsl: `let g = clipped + w * decay;
  let next0 = slot0 * alpha + g * g * rest;
  let next1 = slot1 * momentum + g / (sqrt(next0) + epsilon);
  let next = w - next1 * rate;`,
});

const sgd = rule({
  kind: 'sgd',
  slots: 1,
  scalarNames: ['rate', 'momentum', 'gradientWeight', 'velocityWeight', 'decay'],
  wgsl: `let g = clipped + w * decay;
  let next0 = slot0 * momentum + g;
  let next = w - (g * gradientWeight + next0 * velocityWeight) * rate;`,
});

const adagrad = rule({
  kind: 'adagrad',
  slots: 1,
  scalarNames: ['rate', 'epsilon', 'decay'],
  wgsl: `let g = clipped + w * decay;
  let next0 = slot0 + g * g;
  let next = w - g / (sqrt(next0) + epsilon) * rate;`,
});

/**
 * The optimizers that the kernels know. libs/training takes kind, slots and scalars from here and adds what they are computed from;
 * native/ops/update.h has the rules in C++, and an addon that names them otherwise is refused when it is loaded.
 */
export const updateRules = { adam, adamw, rmsprop, sgd, adagrad };

export type UpdateKind = keyof typeof updateRules;

/** The names of the scalars of one kind of optimizer. */
export type ScalarName<Kind extends UpdateKind> = (typeof updateRules)[Kind]['scalarNames'][number];

/** A rule as the addon describes it. */
export interface NativeRule {
  kind: string;
  slots: number;
  /** Names in order, separated by ", ". */
  scalars: string;
}

/** Throws Error where the addon has a rule that differs from ours: it would take one scalar for another. */
export function checkNativeRules(native: readonly NativeRule[] | undefined): void {
  const describe = ({ kind, slots, scalars }: NativeRule): string => `${kind}(${scalars}) with ${slots} slots`;
  const refuse = (difference: string): never => {
    throw new Error(`the addon was built from other sources: ${difference}; run node libs/kernels/build.mjs --force`);
  };
  if (!native) refuse('it names no update rules');
  for (const theirs of native!) {
    const known: UpdateRule | undefined = updateRules[theirs.kind as UpdateKind];
    const ours = known ? describe({ ...known, scalars: known.scalarNames.join(', ') }) : 'no such rule';
    if (ours !== describe(theirs)) refuse(`it has ${describe(theirs)}, and libs/kernels/src has ${ours}`);
  }
}
