/** A compute shader and its bindings: outputs first, then inputs, then the numbers. */
export interface Shader {
  /** Identifies the shader: equal keys have equal code. */
  key: string;
  outputs: readonly string[];
  /** The type of their elements; f32 by default. */
  outputType?: 'i32';
  /** Names of the inputs and the type of their elements: masks and ids are i32. */
  inputs: readonly (readonly [name: string, type: 'f32' | 'i32'])[];
  /** Unsigned integers that change from call to call, read as `size.…`. */
  numbers: readonly string[];
  /** The function `main` and what it needs; `shaderSource` declares the bindings. */
  code: string;
}

/** The whole text: outputs, inputs and numbers at bindings 0, 1, …, and the code. */
export function shaderSource({ outputs, outputType, inputs, numbers, code }: Shader): string {
  const declared = [
    ...outputs.map((name) => `var<storage, read_write> ${name}: array<${outputType ?? 'f32'}>;`),
    ...inputs.map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    'var<uniform> size: Numbers;',
  ];
  const bindings = declared.map((text, binding) => `@group(0) @binding(${binding}) ${text}`);
  const fields = numbers.map((name) => `  ${name}: u32,`).join('\n');
  return `struct Numbers {\n${fields}\n}\n${bindings.join('\n')}\n${code}\n`;
}

/** Text for each of 0 … count − 1, on lines of its own. */
export const each = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('\n');
