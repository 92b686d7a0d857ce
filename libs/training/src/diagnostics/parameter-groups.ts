/**
 * The group of a parameter, by its name, for the norms of gradients: of a recurrent layer the weights from below (`input`),
 * those from the step before (`recurrent`) and the rest (`bias`); of a transformer a block; else the part before the last
 * dot.
 */
export function parameterGroup(name: string): string {
  const recurrent = /^(.*?)(weight_ih|weight_hh|[a-z_]+)_l(\d+)(_reverse)?(\.[a-z_]+)?$/.exec(name);
  if (recurrent) {
    const [, prefix, kind, layer] = recurrent;
    const part = kind === 'weight_ih' ? 'input' : kind === 'weight_hh' ? 'recurrent' : 'bias';
    return `${prefix}l${layer}.${part}`;
  }
  const block = /^(.*layers\.\d+)\./.exec(name);
  return block ? block[1]! : name.split('.').slice(0, -1).join('.') || name;
}

/** The groups of parameters in order, each with the indices of its members. */
export function parameterGroups(names: readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  names.forEach((name, index) =>
    groups.set(parameterGroup(name), [...(groups.get(parameterGroup(name)) ?? []), index]),
  );
  return groups;
}
