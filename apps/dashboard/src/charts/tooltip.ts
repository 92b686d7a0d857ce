const escapes: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Lines of text as the HTML of a tooltip. A chart's library shows what a formatter returns as HTML, and a name may contain markup. */
export const tooltip = (...lines: readonly string[]): string =>
  lines.map((line) => line.replaceAll(/[&<>"']/g, (character) => escapes[character]!)).join('<br>');
