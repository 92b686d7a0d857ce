import {
  isNormalised,
  normaliseGradientShader,
  normaliseShader,
  ownCounts,
  ownGradientShader,
  ownPartsShader,
  rowsPerSum,
  type RecurrentLayer,
} from '@unroll/kernels';
import type { Tensor, TensorInfo } from '../../tensor/tfjs';
import { over, type Programs } from './programs';

/** Where in a lane's own parameters the shift of x·W begins, in gates; its gain is first. */
const shiftBlock = 2;

/** x·W [lane, time, batch, gates·hidden] with rows of mean 0 and variance 1, times gain and plus shift; and its statistics. */
export function normalised(programs: Programs, projected: Tensor, own: Tensor): TensorInfo[] {
  const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
  const rows = steps * batch;
  const { across, workgroups } = over(lanes * rows);
  return programs.run({
    shader: normaliseShader,
    inputs: [projected, own],
    outputs: [projected.shape, [lanes, steps, batch, 2]],
    numbers: [lanes * rows, rows, columns, own.shape[2]!, shiftBlock * columns, across],
    workgroups,
  });
}

interface Differentiated {
  /** The gradient of the sums of the gates, with layer normalisation also of the normalised c: [lane, time, batch, ·]. */
  sums: Tensor;
  saved: Tensor;
  /** The parameters, and all side by side, [lane, 1, all widths]. */
  parameters: readonly Tensor[];
  own: Tensor;
  projected: Tensor;
  state1: Tensor;
  statistics: Tensor | undefined;
}

/** The gradients of the parameters that only this cell has, and of x·W where it is another than that of the sums. */
export function ownGradients(
  programs: Programs,
  shape: RecurrentLayer,
  given: Differentiated,
): { own: TensorInfo[]; input: TensorInfo | undefined } {
  const { cell, hidden, reverse } = shape;
  const { sums, saved, parameters, projected, state1, statistics } = given;
  const [lanes, steps, batch] = projected.shape as [number, number, number, number];
  const [rows, count] = [steps * batch, ownCounts[cell] * hidden];
  const [chunks, parts] = [Math.ceil(count / 64), Math.ceil(rows / rowsPerSum)];
  const [partial] = programs.run({
    shader: ownGradientShader({ cell, hidden, reverse }),
    inputs: [sums, saved, ...(isNormalised(cell) ? [projected, statistics!] : [state1])],
    outputs: [[lanes, parts, count]],
    numbers: [rows, batch, chunks, parts],
    workgroups: [chunks * parts, lanes],
  });
  const { across, workgroups } = over(Math.ceil((lanes * count) / 256));
  const ofOwn = programs.run({
    shader: ownPartsShader(parameters.map(({ shape: [, , width] }) => width!)),
    inputs: [partial!],
    outputs: parameters.map((each) => each.shape),
    numbers: [lanes * count, parts, across],
    workgroups,
  });
  programs.forget(partial!);
  return { own: ofOwn, input: isNormalised(cell) ? throughNormalisation(programs, given) : undefined };
}

/** The gradient of x·W where it is normalised. */
function throughNormalisation(programs: Programs, { projected, statistics, own, sums }: Differentiated): TensorInfo {
  const [lanes, steps, batch, columns] = projected.shape as [number, number, number, number];
  const rows = steps * batch;
  const { across, workgroups } = over(lanes * rows);
  const [out] = programs.run({
    shader: normaliseGradientShader,
    inputs: [projected, statistics!, own, sums],
    outputs: [projected.shape],
    numbers: [lanes * rows, rows, columns, own.shape[2]!, sums.shape[3]!, across],
    workgroups,
  });
  return out!;
}
