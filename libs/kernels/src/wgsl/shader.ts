/** A compute shader and how it is bound: outputs first, then inputs, then the numbers. */
export interface Shader {
  /** Tells shaders apart: equal keys have equal code. */
  key: string;
  outputs: readonly string[];
  /** The type of their elements, f32 where not given. */
  ofOutputs?: 'i32';
  /** Names of the inputs, and the type of their elements: a mask or ids are i32. */
  inputs: readonly (readonly [name: string, type: 'f32' | 'i32'])[];
  /** Whole numbers that change from call to call. */
  numbers: readonly string[];
  /** The function `main` and what it needs; bindings are declared by `wgslOf`. */
  code: string;
}

/** The whole text: outputs, inputs and numbers at the bindings 0, 1, …, and the code. */
export function wgslOf({ outputs, ofOutputs, inputs, numbers, code }: Shader): string {
  const declared = [
    ...outputs.map((name) => `var<storage, read_write> ${name}: array<${ofOutputs ?? 'f32'}>;`),
    ...inputs.map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    'var<uniform> size: Numbers;',
  ];
  const bindings = declared.map((text, binding) => `@group(0) @binding(${binding}) ${text}`);
  const fields = numbers.map((name) => `  ${name}: u32,`).join('\n');
  return `struct Numbers {\n${fields}\n}\n${bindings.join('\n')}\n${code}\n`;
}

/** Text for each of 0 … count − 1, one after the other. */
export const each = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('\n');
