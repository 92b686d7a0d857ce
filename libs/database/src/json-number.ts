/** A number in JSON, which has no NaN and no infinity: PostgreSQL reads their names. */
export const jsonNumber = (value: number): number | string => (Number.isFinite(value) ? value : String(value));
