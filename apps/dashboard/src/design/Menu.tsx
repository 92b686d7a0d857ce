import { useRef, type ReactNode } from 'react';

interface MenuProps {
  label: ReactNode;
  /** Opens above its button. */
  up?: boolean;
  children: ReactNode;
}

/** A button that opens a list of controls. Escape, or a focus elsewhere, closes it. */
export function Menu({ label, up = false, children }: MenuProps) {
  const place = useRef<HTMLDetailsElement>(null);
  const close = (): void => {
    if (place.current) place.current.open = false;
  };
  return (
    <details
      ref={place}
      className={up ? 'menu up' : 'menu'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !place.current?.open) return;
        event.stopPropagation();
        close();
        place.current.querySelector('summary')?.focus();
      }}
      onBlur={({ relatedTarget }) => {
        if (relatedTarget instanceof Node && !place.current?.contains(relatedTarget)) close();
      }}
    >
      <summary className="button">{label}</summary>
      <div>{children}</div>
    </details>
  );
}
