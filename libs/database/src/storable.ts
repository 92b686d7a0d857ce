/** Replaces NUL, the one character that PostgreSQL text cannot hold: a network may generate it, and must not fail a whole batch. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd');
