/** A compute shader and its bindings: outputs first, then inputs, then the numbers. */
export interface Shader {
  /** Identifies the shader: equal keys have equal code. */
  key: string;
  outputs: readonly string[];
  /** The type of their elements; f32 by default. */
  outputType?: 'i32' | 'vec4<f16>';
  /** Names of the inputs and the type of their elements: masks and ids are i32, packed operands of products vec4<f16>. */
  inputs: readonly (readonly [name: string, type: 'f32' | 'i32' | 'vec4<f16>'])[];
  /** Whether it needs the feature shader-f16. */
  half?: boolean;
  /** Unsigned integers that change from call to call, read as `size.…`. */
  numbers: readonly string[];
  /** The function that `entryPoint` begins, and what it needs; `shaderSource` declares the bindings. */
  code: string;
}

/** The most workgroups along one dimension of a dispatch: every device supports this many. */
const mostAlong = 65_535;

/**
 * How as many workgroups as asked for, side by side and one above the other, are dispatched: in rows that every device supports. Some may
 * be too many, and end at once. `numbers` follow those of the shader.
 */
export function grid([along, above]: readonly [number, number]): { dispatched: [number, number]; numbers: number[] } {
  const count = along * above;
  const across = Math.max(1, Math.min(count, mostAlong));
  return { dispatched: [across, Math.ceil(count / across)], numbers: [along, count] };
}

/** The head of the function `main`: `group` is the place among the workgroups asked for, `thread` the number in the workgroup. */
export const entryPoint = (threads: number): string => `@compute @workgroup_size(${threads})
fn main(
  @builtin(workgroup_id) placeInGrid: vec3<u32>,
  @builtin(num_workgroups) grid: vec3<u32>,
  @builtin(local_invocation_index) thread: u32,
) {
  let inGrid = placeInGrid.y * grid.x + placeInGrid.x;
  if (inGrid >= size.gridCount) { return; }
  let group = vec2<u32>(inGrid % size.gridAlong, inGrid / size.gridAlong);`;

/** The whole text: outputs, inputs and numbers at bindings 0, 1, …, and the code. */
export function shaderSource({ outputs, outputType, inputs, half, numbers, code }: Shader): string {
  const declared = [
    ...outputs.map((name) => `var<storage, read_write> ${name}: array<${outputType ?? 'f32'}>;`),
    ...inputs.map(([name, type]) => `var<storage, read> ${name}: array<${type}>;`),
    'var<uniform> size: Numbers;',
  ];
  const bindings = declared.map((text, binding) => `@group(0) @binding(${binding}) ${text}`);
  const fields = [...numbers, 'gridAlong', 'gridCount'].map((name) => `  ${name}: u32,`).join('\n');
  return `${half ? 'enable f16;\n' : ''}struct Numbers {\n${fields}\n}\n${bindings.join('\n')}\n${code}\n`;
}

/** Text for each of 0 … count − 1, on lines of its own. */
export const each = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join('\n');
