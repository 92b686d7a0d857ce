import type { ReactNode } from 'react';

interface LegendProps {
  curves: readonly { key: string; label: ReactNode; colour: string; dash?: number[] | undefined }[];
}

/** The label of each line, by colour and dash. */
export function Legend({ curves }: LegendProps) {
  return (
    <ul className="legend">
      {curves.map(({ key, label, colour, dash }) => (
        <li key={key}>
          <svg width="22" height="6" aria-hidden="true">
            <path d="M0 3h22" stroke={colour} strokeWidth="2.5" strokeDasharray={dash?.join(' ')} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
