import { partsShader, productCut, productShader, type Shader } from '@unroll/kernels';
import { linearKernel } from './fused';
import type { Tensor, TensorInfo } from './tfjs';
import { over, type Programs } from './webgpu-programs';

/** Workgroups along one dimension of a dispatch at most: every device has so many. */
const mostAlong = 65_535;

interface Product {
  a: Tensor;
  b: Tensor;
  bias?: Tensor | undefined;
  transposeA: boolean;
  transposeB: boolean;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Products of our own in place of TensorFlow.js', which for long sums adds floats in no fixed order, and cuts them up by how many lanes there are. */
export function webGpuProducts(programs: Programs) {
  function multiply({ a, b, bias, transposeA, transposeB }: Product): TensorInfo | undefined {
    if (a.dtype !== 'float32' || b.dtype !== 'float32') return undefined;
    const [ofLanesA, ofLanesB] = [a, b].map(({ shape }) => shape.slice(0, -2)) as [number[], number[]];
    const [lanesA, lanesB] = [product(ofLanesA), product(ofLanesB)];
    const lanes = Math.max(lanesA, lanesB);
    if (Math.min(lanesA, lanesB) !== lanes && Math.min(lanesA, lanesB) !== 1) return undefined;
    const [m, k] = sizesOf(a, transposeA);
    const n = sizesOf(b, transposeB)[1];
    const outer = lanesA === lanes ? ofLanesA : ofLanesB;
    const { rows, columns, tiles, parts, stretch } = productCut(m, n, k);
    if (lanes * m * n === 0 || k === 0 || tiles[0] * tiles[1] > mostAlong || lanes * parts > mostAlong)
      return undefined;
    const whole = parts === 1;
    const shape = [...outer, m, n];
    const shift = bias ? [bias] : [];
    const [out] = programs.run({
      shader: shaderOf({ transposeA, transposeB, biased: whole && bias !== undefined, rows, columns }),
      inputs: [a, b, ...(whole ? shift : [])],
      outputs: [whole ? shape : [lanes, parts, m, n]],
      numbers: [m, n, k, tiles[1], parts, stretch, lanesA === 1 ? 0 : m * k, lanesB === 1 ? 0 : k * n],
      workgroups: [tiles[0] * tiles[1], lanes * parts],
    });
    if (whole) return out;
    const { across, workgroups } = over(Math.ceil((lanes * m * n) / 256));
    const [sum] = programs.run({
      shader: partsShader(bias !== undefined),
      inputs: [out!, ...shift],
      outputs: [shape],
      numbers: [lanes * m * n, m * n, parts, n, across],
      workgroups,
    });
    programs.forget(out!);
    return sum;
  }

  return {
    BatchMatMul: ({
      inputs,
      attrs,
    }: {
      inputs: Record<'a' | 'b', Tensor>;
      attrs: Record<'transposeA' | 'transposeB', boolean>;
    }) => multiply({ ...inputs, ...attrs }),

    [linearKernel]: ({ inputs: { x, weight, bias } }: { inputs: Record<'x' | 'weight' | 'bias', Tensor> }) =>
      multiply({ a: x, b: weight, bias, transposeA: false, transposeB: false }),
  };
}

function sizesOf({ shape }: Tensor, transposed: boolean): [number, number] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  return transposed ? [columns, rows] : [rows, columns];
}

/** Shaders by what they are made of, since their text takes longer to write than to find. */
const shaders = new Map<string, Shader>();

function shaderOf(shape: Parameters<typeof productShader>[0]): Shader {
  const key = Object.values(shape).join();
  const known = shaders.get(key) ?? productShader(shape);
  shaders.set(key, known);
  return known;
}
