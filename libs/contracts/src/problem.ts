import type { Problem } from './rest';
import type { FieldError } from './validation';

/** What statuses of problems mean. */
export const problemTitles: Partial<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  411: 'Length required',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Not valid',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Unavailable',
  507: 'Insufficient storage',
};

/** Most characters of a text in an answer: a message may quote what was sent. */
const longest = { detail: 4000, path: 400, message: 1000 };
const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** An error as RFC 9457 problem details. */
export function problemDetails(status: number, detail: string, errors?: readonly FieldError[]): Problem {
  return {
    type: 'about:blank',
    title: problemTitles[status] ?? 'Error',
    status,
    detail: cut(detail, longest.detail),
    ...(errors
      ? {
          errors: errors.map(({ path, message }) => ({
            path: cut(path, longest.path),
            message: cut(message, longest.message),
          })),
        }
      : {}),
  };
}
