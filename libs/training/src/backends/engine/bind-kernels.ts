/** Kernels by name, each with arguments of its own. */
export type Kernels = Record<string, (given: never) => unknown>;

/** Kernels as functions of their arguments alone, from functions that also take what they run with. */
export const bindKernels = <Context>(
  context: Context,
  kernels: Readonly<Record<string, (context: Context, given: never) => unknown>>,
): Kernels =>
  Object.fromEntries(Object.entries(kernels).map(([name, kernel]) => [name, (given: never) => kernel(context, given)]));
