/** A CSV cell (RFC 4180); null is an empty one. Text that a spreadsheet would evaluate as a formula begins with an apostrophe. */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value);
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row of CSV, without its end. */
export const csvRow = (cells: readonly unknown[]): string => cells.map(csvCell).join(',');
