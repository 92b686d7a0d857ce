import type uPlot from 'uplot';

/** Maximum distance in pixels between the pointer and a curve. */
const near = 24;

/**
 * Draws the curve nearest to the pointer, or a chosen one, in bold on an overlay canvas, so that the plot with its hundreds of curves is
 * not redrawn.
 * @returns the curve's index; null if none is near
 */
export function highlight(
  plot: uPlot,
  curves: readonly { colour: string }[],
  chosen: number | null = null,
): number | null {
  const canvas = overlay(plot);
  const context = canvas.getContext('2d')!;
  context.clearRect(0, 0, canvas.width, canvas.height);
  const index = chosen ?? nearest(plot);
  if (index === null) return null;
  const [updates, values] = [plot.data[0], plot.data[index + 1]!];
  const scale = devicePixelRatio;
  context.lineWidth = 3 * scale;
  context.lineJoin = 'round';
  context.strokeStyle = curves[index]!.colour;
  context.beginPath();
  let drawing = false;
  updates.forEach((update, at) => {
    const value = values[at];
    // Connected across missing values; broken at non-finite ones.
    if (value === undefined) return;
    if (value === null) return void (drawing = false);
    const [x, y] = [plot.valToPos(update, 'x') * scale, plot.valToPos(value, 'y') * scale];
    if (drawing) context.lineTo(x, y);
    else context.moveTo(x, y);
    drawing = true;
  });
  context.stroke();
  return index;
}

function overlay({ over }: uPlot): HTMLCanvasElement {
  const canvas = over.querySelector('canvas') ?? document.createElement('canvas');
  const [width, height] = [over.clientWidth * devicePixelRatio, over.clientHeight * devicePixelRatio];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height, className: 'over' });
  canvas.style.width = '100%';
  canvas.style.height = '100%';
  if (!canvas.isConnected) over.append(canvas);
  return canvas;
}

function nearest(plot: uPlot): number | null {
  const { data } = plot;
  const { idx, top } = plot.cursor;
  if (idx === null || idx === undefined || top === undefined || top < 0) return null;
  let best: number | null = null;
  let distance = near;
  for (let index = 1; index < data.length; index += 1) {
    const value = valueNear(data[index]!, idx);
    if (value === null) continue;
    const away = Math.abs(plot.valToPos(value, 'y') - top);
    if (away < distance) [best, distance] = [index - 1, away];
  }
  return best;
}

/** The value at an index, or the nearest one to it where the curve has none. */
function valueNear(values: ArrayLike<number | null | undefined>, at: number): number | null {
  for (let away = 0; away < 12; away += 1)
    for (const place of [at - away, at + away]) {
      const value = values[place];
      if (typeof value === 'number') return value;
    }
  return null;
}
