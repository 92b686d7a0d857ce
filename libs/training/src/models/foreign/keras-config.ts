import type { KerasLayer } from './keras-layers';

/** What the layers of a model are: the part of Keras's config that is read. */
interface ModelConfig {
  class_name?: unknown;
  config?: { layers?: (Omit<KerasLayer, 'reads' | 'startsFrom'> & { inbound_nodes?: unknown[] })[] };
}

/** A tensor of a functional model as Keras 3 writes it, [layer, call, output], or as Keras 2 does, [layer, call, output, {…}]. */
const historyOf = (value: unknown): unknown[] | undefined => {
  if (Array.isArray(value))
    return typeof value[0] === 'string' && typeof value[1] === 'number'
      ? (value as unknown[])
      : value.map(historyOf)[0];
  const { args, config, keras_history: history } = Object(value) as Record<string, unknown>;
  if (history !== undefined) return historyOf(history);
  return args === undefined && config === undefined ? undefined : historyOf(args ?? config);
};

/** The tensors that a layer is given in a call beside the first: the first argument after it in Keras 3, all of them in Keras 2. */
function statesIn(call: unknown): unknown[] {
  if (!Array.isArray(call)) {
    const { args, kwargs } = Object(call) as { args?: unknown[]; kwargs?: { initial_state?: unknown } };
    return [kwargs?.initial_state ?? args?.[1]];
  }
  const [first, ...others] = (Array.isArray(call[0]) ? call : [call]) as unknown[][];
  return [(first?.[3] as { initial_state?: unknown } | undefined)?.initial_state, ...others];
}

/** The layers that make the states which a call begins with. */
function startsOf(call: unknown): string[] {
  return statesIn(call).flatMap((given) => {
    const isOne = Array.isArray(given) && typeof given[0] === 'string';
    const states: unknown[] = Array.isArray(given) && !isOne ? given : [given];
    return states.flatMap((state) => {
      const [layer] = historyOf(state) ?? [];
      return typeof layer === 'string' ? [layer] : [];
    });
  });
}

/**
 * The layers of a model that Keras describes in JSON, with what each reads. Throws Error with one line for a model that has no list of
 * layers, as subclassed ones.
 */
export function layersOf(text: unknown): KerasLayer[] {
  const { class_name: kind, config } = JSON.parse(typeof text === 'string' ? text : '{}') as ModelConfig;
  if (!config?.layers) throw new Error('has no list of layers: save a Sequential or a functional model');
  const { layers } = config;
  return layers.map(({ class_name, config: own, inbound_nodes: calls = [] }, index) => {
    const below = kind === 'Sequential' && index > 0 ? [String(layers[index - 1]!.config.name)] : [];
    const reads = calls.map((call) => {
      const [layer, , output] = historyOf(call) ?? [];
      return output === 0 ? String(layer) : `output ${String(output)} of ${String(layer)}`;
    });
    return { class_name, config: own, reads: calls.length > 0 ? reads : below, startsFrom: calls.flatMap(startsOf) };
  });
}
