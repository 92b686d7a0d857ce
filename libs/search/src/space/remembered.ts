import type { SweepSpec } from '@unroll/contracts';

/** Most specifications whose values are kept for others of the same text. */
const most = 16;

/**
 * What `make` makes of a specification, made once for all that have the same text: a thread gets a new object with each call. `make` is
 * pure; what it throws is thrown again.
 */
export function remembered<Value extends object>(make: (spec: SweepSpec) => Value): (spec: SweepSpec) => Value {
  const bySpec = new WeakMap<SweepSpec, Value>();
  const byText = new Map<string, Value>();
  return (spec) => {
    const known = bySpec.get(spec);
    if (known) return known;
    const text = JSON.stringify(spec);
    const value = byText.get(text) ?? make(spec);
    bySpec.set(spec, value);
    // The one that was used longest ago is the first.
    byText.delete(text);
    byText.set(text, value);
    if (byText.size > most) byText.delete(byText.keys().next().value!);
    return value;
  };
}
