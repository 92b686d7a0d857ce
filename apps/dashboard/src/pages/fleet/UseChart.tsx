import { counted, none } from '../../format/number';

/** Width and height of the chart; an hour has 60 minutes. */
const [width, height] = [60, 20];

/** How much of its trainers' time a worker was at work, a bar for each minute of the last hour. */
export function UseChart({ use }: { use: readonly number[] }) {
  if (use.length === 0) return <span className="muted">{none}</span>;
  const mean = Math.round(use.reduce((sum, each) => sum + each, 0) / use.length);
  const label = `${mean} % over the last ${counted(use.length, 'minute')}`;
  return (
    <span className="use" title={label}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} preserveAspectRatio="none">
        {use.map((percent, index) => {
          const size = Math.max(0.5, (percent / 100) * height);
          return <rect key={index} x={width - use.length + index} y={height - size} width={0.8} height={size} />;
        })}
      </svg>
      <span className="small number">{mean} %</span>
    </span>
  );
}
