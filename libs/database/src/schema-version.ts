/** The newest migration of this build, as the table of migrations has it. A spec compares it with the migrations. */
export const schemaVersion = 1766000013000;
