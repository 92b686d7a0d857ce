/** Text without the one character that PostgreSQL cannot hold; a network may write it, and a batch must not fail by it. */
export const storable = (text: string): string => text.replaceAll('\0', '\ufffd');
