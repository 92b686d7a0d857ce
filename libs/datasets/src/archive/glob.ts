import { DatasetError } from '../prepared/data';

/** A part of a pattern: any characters of one name, or of several, any folders, or one character. */
type Piece = 'name' | 'all' | 'folders' | ((character: string) => boolean);

const wild: Readonly<Record<string, Piece>> = {
  '**/': 'folders',
  '**': 'all',
  '*': 'name',
  '?': (character) => character !== '/',
};

/**
 * Whether a path fits a pattern as fsspec has them: `*` and `?` within a folder, `**` over several, `[a-z]` and `[!a-z]` for a character.
 * It takes time in proportion to the product of their lengths at most, since anybody may have written them. The matchers of packages have
 * patterns of a shell: to picomatch 4, `[!a]` is `!` or `a`, and to minimatch 11 `[^a]` is another than `a`; picomatch takes two seconds
 * for five stars over 120 characters, and more than ten for six.
 * @param from what has the pattern, for messages
 * @throws DatasetError for a range that holds nothing
 */
export function globOf(pattern: string, from: string): (path: string) => boolean {
  const pieces = pattern
    .split(/(\*\*\/|\*\*|\*|\?|\[!?[^][^\]]*\])/)
    .flatMap((part, at): Piece[] =>
      at % 2 === 0
        ? [...part].map((wanted) => (character: string) => character === wanted)
        : [wild[part] ?? oneIn(part, `${from}: ${pattern}`)],
    );
  return (path) => {
    const characters = [...path];
    const begun = [true, ...characters.map(() => false)];
    return pieces.reduce((reached, piece) => after(piece, reached, characters), begun).at(-1)!;
  };
}

/** After which numbers of characters a pattern may stand with one more piece. `reached`: the same without it. */
function after(piece: Piece, reached: readonly boolean[], characters: readonly string[]): boolean[] {
  const next: boolean[] = [];
  let isBegun = false;
  for (const [at, here] of reached.entries()) {
    const last = characters[at - 1] ?? '';
    if (typeof piece === 'function') next.push(at > 0 && reached[at - 1]! && piece(last));
    else if (piece === 'folders') next.push(here || (isBegun && last === '/'));
    else next.push(here || (at > 0 && next[at - 1]! && (piece === 'all' || last !== '/')));
    isBegun ||= here;
  }
  return next;
}

/** One of the characters in brackets, or with `!` another. */
function oneIn(brackets: string, from: string): (character: string) => boolean {
  const isNot = brackets.startsWith('[!') && brackets.length > 3;
  const ranges = brackets.slice(isNot ? 2 : 1, -1).match(/.-.|./gsu)!;
  const empty = ranges.find((range) => [...range].length === 3 && [...range][0]! > [...range][2]!);
  if (empty !== undefined) throw new DatasetError(`${from}: the range ${empty} holds no character`);
  return (character) =>
    character !== '/' &&
    isNot !== ranges.some((range) => [...range][0]! <= character && character <= [...range].at(-1)!);
}
