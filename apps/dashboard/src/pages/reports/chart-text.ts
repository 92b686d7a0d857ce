/** The line of a report that is a chart. */
export const chartText = (caption: string, address: string): string =>
  `![${caption.replaceAll(/[\\[\]]/g, '\\$&')}](${address.replaceAll('(', '%28').replaceAll(')', '%29')})`;

/** `text` with `line`, as a paragraph of its own, in place of what is selected. */
export function withLine(text: string, line: string, start: number, end: number): string {
  const [before, after] = [text.slice(0, start).trimEnd(), text.slice(end).trimStart()];
  return [before, line, after].filter((part, index) => index === 1 || part !== '').join('\n\n') + (after ? '' : '\n\n');
}
