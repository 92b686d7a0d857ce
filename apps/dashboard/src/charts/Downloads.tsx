interface DownloadsProps {
  /** What the chart shows, for screen readers. */
  label: string;
  png: () => void;
  svg: () => void;
}

/** Saves a chart as a picture. The buttons appear with the pointer or the focus. */
export function Downloads({ label, png, svg }: DownloadsProps) {
  return (
    <div className="downloads">
      {(['PNG', 'SVG'] as const).map((kind) => (
        <button
          key={kind}
          type="button"
          onClick={kind === 'PNG' ? png : svg}
          aria-label={`Save as ${kind}: ${label}`}
          title={`Save as ${kind}`}
        >
          {kind}
        </button>
      ))}
    </div>
  );
}
