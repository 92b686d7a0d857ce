import { languageModel } from './language-model';

/** Every task there is, by its kind. */
export const tasks = { 'language-model': languageModel } as const;
