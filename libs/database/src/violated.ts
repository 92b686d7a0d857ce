/** The constraint that a statement violated; undefined for another error. */
export function violated(error: unknown): string | undefined {
  const { driverError, ...own } = Object(error) as { driverError?: object; code?: string; constraint?: string };
  const { code, constraint } = (driverError ?? own) as { code?: string; constraint?: string };
  // Class 23: integrity constraint violation.
  return code?.startsWith('23') ? constraint : undefined;
}
