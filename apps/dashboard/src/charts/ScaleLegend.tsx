import { useTheme } from '../design/theme';
import { scaleColour } from './palette';

/** The legend of a colour scale. */
export function ScaleLegend({ from, to }: { from: string; to: string }) {
  const theme = useTheme();
  const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => scaleColour(theme, share)).join(', ');
  return (
    <p className="scale">
      {from}
      <i style={{ background: `linear-gradient(90deg, ${stops})` }} aria-hidden="true" />
      {to}
    </p>
  );
}
