export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

/** `?a=1&b=2`, or an empty string. A list repeats its key; empty values are omitted. */
export function queryText(query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value as string | undefined])
      if (one !== undefined && one !== null && one !== '') search.append(key, String(one));
  const text = search.toString();
  return text ? `?${text}` : '';
}
