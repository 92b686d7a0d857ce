/** What products of a stored trial are rounded to: float32 if it is from before there was a choice. */
export const precisionOf = ({ training: how }: Readonly<Record<string, unknown>>): string =>
  (how as { precision?: string } | undefined)?.precision ?? 'float32';
