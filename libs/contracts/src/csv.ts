/** Whether a text is a decimal number, without spaces, marks of thousands or units. A spreadsheet evaluates it to itself. */
export const isPlainNumber = (text: string): boolean => /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);

/**
 * A CSV cell (RFC 4180); null is an empty one. Text that a spreadsheet would evaluate as a formula begins with an apostrophe; a number that
 * is a text, such as the class -1, is none.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) && !isPlainNumber(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row of CSV, without its end. */
export const csvRow = (cells: readonly unknown[]): string => cells.map(csvCell).join(',');
