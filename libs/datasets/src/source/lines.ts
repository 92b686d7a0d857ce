/** The lines of a text, which end as those of Unix, of Windows or of old Macs do; also mixed. */
export const linesOf = (text: string): string[] => text.split(/\r\n?|\n/);

/** The first of them. */
export const firstLine = (text: string): string => text.split(/\r\n?|\n/, 1)[0]!;
