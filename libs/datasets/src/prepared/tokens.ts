/** What a token of a text is. */
export type Tokens = 'character' | 'word' | 'subword';
