import { openKernels } from './open-kernels';
import { describeNative, skipped } from './testing/kernels.fixture';
import { checkNativeRules, updateRules, type NativeRule, type UpdateKind, type UpdateRule } from './update-rules';

const kinds = Object.keys(updateRules) as UpdateKind[];

describe('the update rules in WGSL', () => {
  /** What every rule may use beside its scalars: of the shader around it, and of the language. */
  const given = ['w', 'clipped', 'slot0', 'slot1', 'let', 'sqrt'];

  it.each(kinds)('of %s use every scalar by its name, and nothing undeclared', (kind) => {
    const { scalarNames, slots, wgsl }: UpdateRule = updateRules[kind];
    const declared = [...wgsl.matchAll(/let (\w+)/g)].map(([, name]) => name!);
    expect(declared).toEqual(expect.arrayContaining(['next', 'next0', ...(slots === 2 ? ['next1'] : [])]));
    const used = new Set(wgsl.match(/[A-Za-z_]\w*/g));
    const undeclared = [...used].filter((name) => ![...given, ...declared, ...scalarNames].includes(name));
    expect(undeclared).toEqual([]);
    // Adam and AdamW share their scalars: each has one that only the other reads.
    const unread = { adam: ['keep'], adamw: ['coupled'] }[kind as string] ?? [];
    expect(scalarNames.filter((name) => !used.has(name))).toEqual(unread);
  });
});

describe('the update rules of an addon', () => {
  const native: NativeRule[] = kinds.map((kind) => ({
    ...updateRules[kind],
    scalars: updateRules[kind].scalarNames.join(', '),
  }));
  const changed = (kind: UpdateKind, changes: Partial<NativeRule>): NativeRule[] =>
    native.map((rule) => (rule.kind === kind ? { ...rule, ...changes } : rule));

  it('are accepted where they are the same, or fewer', () => {
    expect(() => checkNativeRules(native)).not.toThrow();
    expect(() => checkNativeRules(native.slice(1))).not.toThrow();
  });

  it.each([
    [
      'scalars in another order',
      changed('adagrad', { scalars: 'epsilon, rate, decay' }),
      /adagrad\(epsilon, rate, decay\)/,
    ],
    ['a scalar less', changed('adagrad', { scalars: 'rate, epsilon' }), /adagrad\(rate, epsilon\) with 1 slots/],
    [
      'another number of slots',
      changed('sgd', { slots: 2 }),
      /with 2 slots, and libs\/kernels\/src has .* with 1 slots/,
    ],
    ['a rule that is not known', [{ kind: 'lion', slots: 1, scalars: 'rate' }], /has no such rule; run node/],
    ['no rules at all', undefined, /it names no update rules; run node libs\/kernels\/build.mjs --force$/],
  ])('are refused with %s', (_, rules, message) => {
    expect(() => checkNativeRules(rules)).toThrow(message);
  });
});

describeNative(`the addon${skipped}`, () => {
  it('has every rule, and refuses one that it lacks', () => {
    const kernels = openKernels('');
    expect(kernels.updateRules().map(({ kind }) => kind)).toEqual(kinds);
    const one = new Float32Array(1);
    const vectors = { parameters: one, gradient: one, norms: one, limits: one, scalars: one, slot0: one };
    const update = (rule: string) =>
      kernels.update({ rule, lanes: 1, length: 1, ...vectors, nextParameters: one, nextSlot0: one });
    expect(() => update('lion')).toThrow('there is no update rule "lion"');
    expect(() => update('adagrad')).toThrow('scalars must have 3 values, not 1');
  });
});
