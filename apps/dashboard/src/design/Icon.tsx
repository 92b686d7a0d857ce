/** Icons of 16 × 16 in the colour of the text. Decorative: a label always says the same. */
const paths = {
  sweeps: 'M2.5 4h11M2.5 8h8M2.5 12h5',
  board: 'M3 13V8.5h3V13M6.5 13V3h3v10M10 13V6.5h3V13',
  compare: 'M6 3 2.5 6.5 6 10M10 6l3.5 3.5L10 13M2.5 6.5H10M6 9.5h7.5',
  fleet: 'M2.5 3h11v4h-11zM2.5 9h11v4h-11zM5 5h.01M5 11h.01',
  model: 'M8 2 13.500 5v6L8 14 2.500 11V5zM2.500 5 8 8l5.500-3M8 8v6',
  views: 'M4 2.5h8v11l-4-3-4 3z',
  team: 'M6 7.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5M1.500 13.500c0-2.500 2-4 4.500-4s4.500 1.500 4.500 4M10.500 2.700a2.500 2.500 0 0 1 0 4.600M12 9.700c1.600.5 2.500 1.900 2.500 3.800',
  plus: 'M8 3v10M3 8h10',
  sun:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6M8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3' +
    'M3.2 3.2l.9.9M11.9 11.9l.9.9M12.8 3.2l-.9.9M4.1 11.9l-.9.9',
  moon: 'M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5Z',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M4 4l8 8M12 4l-8 8',
  up: 'M8 12.5v-9M4.5 7 8 3.5 11.5 7',
  down: 'M8 3.5v9M4.5 9 8 12.5 11.5 9',
  left: 'M9.5 3.5 5 8l4.5 4.5',
  right: 'M6.5 3.5 11 8l-4.5 4.5',
  download: 'M8 2.5v7M5 7l3 3 3-3M3 13h10',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z',
  book: 'M8 4C6.5 3 4.500 2.800 2.500 3v9.500c2-.2 4 0 5.500 1 1.500-1 3.500-1.200 5.500-1V3c-2-.2-4 0-5.500 1v9.500',
  report: 'M3.500 2.500h6l3 3v8h-9zM9.500 2.500v3h3M6 11V9M8 11V7.500M10 11v-1',
  out: 'M6 2.500H3v11h3M10.500 5 13.500 8l-3 3M6.500 8h7',
  filter: 'M2.500 3.500h11L9.500 8.500v4l-3-1.500V8.500z',
  link: 'M6.500 9.500a2.800 2.800 0 0 0 4 0l2.200-2.200a2.800 2.800 0 0 0-4-4L7.500 4.500M9.500 6.500a2.800 2.800 0 0 0-4 0L3.300 8.700a2.800 2.800 0 0 0 4 4l1.200-1.200',
  pin: 'M5.500 2.500h5l-1 4.500 2 2.500h-7l2-2.500zM8 9.500v4',
  columns: 'M2.500 3h11v10h-11zM6.200 3v10M9.800 3v10',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" fill="none" aria-hidden="true">
      <path d={paths[name]} stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}
