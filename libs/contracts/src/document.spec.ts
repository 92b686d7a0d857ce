import fc from 'fast-check';
import { parseDocument, parseJson } from './document';
import { limits } from './limits';
import { ValidationError } from './validation';

const refusal = (text: string): string => {
  try {
    parseDocument(text);
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
  throw new Error('was not refused');
};

describe('a document', () => {
  it('is YAML 1.2: 1e-4 is a number, yes is a string', () => {
    expect(parseDocument('a: 1e-4\nb: yes\nc: 012')).toEqual({ a: 0.0001, b: 'yes', c: 12 });
  });

  it('stays YAML 1.2 under a %YAML 1.1 directive', () => {
    expect(parseDocument('%YAML 1.1\n---\na: yes\nb: 2001-01-01')).toEqual({ a: 'yes', b: '2001-01-01' });
  });

  it('may be any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom(0, 2, '\t'), (value, indent) => {
        fc.pre(!JSON.stringify(value).includes('"__proto__"'));
        expect(parseDocument(JSON.stringify(value, null, indent))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('reads pairs of JSON surrogate escapes as one character', () => {
    expect(parseDocument('{"a": "\\ud83d\\ude00\\/"}')).toEqual({ a: '😀/' });
  });

  it('without content is null', () => {
    expect(parseDocument('# nothing\n')).toBeNull();
  });

  it('with a syntax error is refused in one line with the position', () => {
    expect(refusal('a: [1, 2\nb: 3')).toMatch(/^not valid YAML: .* at line 2, column 1$/);
    expect(refusal('a:\n\tb: 1')).toMatch(/^not valid YAML: Tabs .* at line 2, column 1$/);
  });

  it('with a duplicate key is refused', () => {
    expect(refusal('learningRate: 1\nlearningRate: 2')).toMatch(/keys must be unique at line 2/);
  });

  it('with an unresolved alias is refused with that reason', () => {
    expect(refusal('a: *b')).toMatch(/^not valid YAML: Unresolved alias.*b/);
  });

  it('refuses an alias bomb', () => {
    const levels = Array.from({ length: 10 }, (_, level) =>
      level === 0
        ? 'a0: &a0 [x, x, x]'
        : `a${level}: &a${level} [${Array(10)
            .fill(`*a${level - 1}`)
            .join(', ')}]`,
    );
    expect(refusal(levels.join('\n'))).toBe('too many YAML aliases: write the values out');
  });

  it('may use a few aliases', () => {
    expect(parseDocument('a: &x {b: 1}\nc: *x')).toEqual({ a: { b: 1 }, c: { b: 1 } });
  });

  it.each(['a: &a [*a]', '&a {b: *a}'])('refuses a cycle of aliases: %s', (text) => {
    expect(refusal(text)).toMatch(/nested deeper than 64/);
  });

  it('refuses depth that aliases create from a shallow text', () => {
    const link = (inner: string): string => `${'['.repeat(30)}${inner}${']'.repeat(30)}`;
    expect(refusal(`a: &a ${link('1')}\nb: &b ${link('*a')}\nc: ${link('*b')}`)).toMatch(/nested deeper than 64/);
  });

  it.each([
    ['flow lists', '['.repeat(10_000) + ']'.repeat(10_000)],
    ['flow mappings', '{a: '.repeat(10_000) + '}'.repeat(10_000)],
    ['compact lists', '- '.repeat(10_000) + 'a'],
    ['explicit keys', '? '.repeat(10_000) + 'a'],
    ['indented mappings', Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')],
    ['lists whose ends are quoted', '["]",'.repeat(10_000) + ']'.repeat(10_000)],
    ['lists after quoted ends', `- "${']'.repeat(20_000)}"\n- ${'['.repeat(10_000)}`],
  ])('nested 10,000 levels deep is refused before it is parsed: %s', (_, text) => {
    const before = process.cpuUsage();
    expect(refusal(text)).toBe('the document is nested deeper than 64 levels');
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(2000);
  });

  it('does not count brackets in strings and comments', () => {
    expect(parseDocument(`a: "${'['.repeat(500)}" # ${'{'.repeat(500)}`)).toEqual({ a: '['.repeat(500) });
  });

  it('may be nested as deep as the limit, and no deeper', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(JSON.stringify(parseDocument(nested(limits.depth)))).toBe(nested(limits.depth));
    expect(refusal(nested(limits.depth + 1))).toMatch(/nested deeper/);
    const mappings = (depth: number): string => `${'{a: '.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(JSON.stringify(parseDocument(mappings(limits.depth)))).toBe(
      mappings(limits.depth).replaceAll('a: ', '"a":'),
    );
    expect(refusal(mappings(limits.depth + 1))).toMatch(/nested deeper/);
  });

  it('with too large a mapping, whose keys would take long to compare, is refused', () => {
    const keys = Array.from({ length: 5000 }, (_, index) => `k${index}: 1`);
    expect(refusal(keys.join('\n'))).toBe('the document has a mapping with more than 250 keys');
    expect(refusal(`{${keys.join(', ')}}`)).toBe('the document has a mapping with more than 250 keys');
    expect(refusal(JSON.stringify(Object.fromEntries(keys.map((key) => [key, 1]))))).toBe(
      'the document has a mapping with more than 250 keys',
    );
    expect(parseDocument(keys.slice(0, limits.keys).join('\n'))).toMatchObject({ k249: 1 });
  });

  it('with a list longer than any that a sweep may contain is refused', () => {
    expect(refusal('- 1\n'.repeat(10_000))).toBe('the document has a list with more than 2000 entries');
    expect(refusal(JSON.stringify(Array(100_000).fill(1)))).toBe('the document has a list with more than 2000 entries');
    expect(parseDocument('- 1\n'.repeat(limits.options))).toHaveLength(limits.options);
  });

  it('with more values than any sweep needs is refused', () => {
    const rows = Array.from({ length: 240 }, () => Array(240).fill(1));
    expect(refusal(JSON.stringify(rows))).toBe('the document has more than 20000 values');
    expect(refusal(`a: &a [${Array<number>(1000).fill(1).join()}]\nb: [${Array<string>(30).fill('*a').join()}]`)).toBe(
      'the document has more than 20000 values',
    );
  });

  it('in JSON is refused if an object has a key twice, but not if two objects have it', () => {
    expect(refusal('{"a": {"b": [1, "c"], "\\u0062": 2}}')).toBe('the key "b" is given twice');
    expect(parseDocument('{"a": {"a": "a: {"}, "b": [{"a": ":"}, {"a": 2}]}')).toEqual({
      ...{ a: { a: 'a: {' }, b: [{ a: ':' }, { a: 2 }] },
    });
  });

  it('is searched for keys that are given twice whatever its texts hold, and however long they are', () => {
    for (const text of ['x'.repeat(10_000_000), '\\'.repeat(1_000_000), '"{[:]},'.repeat(1_000_000)]) {
      const json = JSON.stringify({ [`${text}\\`]: [{ a: text }], a: text });
      expect(() => parseJson(json)).not.toThrow();
      expect(() => parseJson(`${json.slice(0, -1)}, "a": 1}`)).toThrow('the key "a" is given twice');
    }
    const deep = 200_000;
    expect(() => parseJson('{"a":['.repeat(deep) + ']}'.repeat(deep))).not.toThrow();
  });

  it.each([
    ['blank lines', '\n'.repeat(63_000)],
    ['comments', '#\n'.repeat(31_000)],
    ['ends of lists', 'a: ]\n'.repeat(12_000)],
    ['anchors', '- &a '.repeat(12_000)],
    ['directives', '%a\n'.repeat(20_000)],
    ['invalid escapes', `- [${'"\\q",'.repeat(1900)}]\n`.repeat(4)],
  ])('of %s alone takes no longer than a sweep of the same length', (_, text) => {
    const sweep = Array.from({ length: 200 }, (_, key) => `k${key}: [${Array<string>(60).fill('1e-4').join()}]`).join(
      '\n',
    );
    /** Milliseconds of processor time: other programs do not count. */
    const time = (parsed: string): number => {
      const before = process.cpuUsage();
      try {
        parseDocument(parsed);
      } catch (error) {
        expect(error).toBeInstanceOf(ValidationError);
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    };
    time(sweep);
    expect(text.length).toBeLessThanOrEqual(limits.yamlLength);
    expect(time(text)).toBeLessThan(2 * Math.max(time(sweep), time(sweep)) + 100);
  });

  it('of YAML larger than a sweep needs is refused without parsing', () => {
    for (const text of ['a: ]\n'.repeat(180_000), '\n'.repeat(900_000), `{a: ${'x'.repeat(100_000)}}`]) {
      const before = process.cpuUsage();
      expect(refusal(text)).toBe('a document in YAML has at most 64000 characters: write it as JSON');
      expect(process.cpuUsage(before).user / 1000).toBeLessThan(500);
    }
  });

  it.each([
    ['empty lines', '\n'.repeat(60_000)],
    ['comments', '#\n'.repeat(31_000)],
    ['anchors', '- &a '.repeat(12_000)],
  ])('of YAML with more tokens than a sweep needs is refused where they begin to take long: %s', (_, text) => {
    expect(refusal(text)).toBe('a document in YAML has at most 30000 lines, words and signs: write it as JSON');
  });

  it('larger than the limit is refused without parsing', () => {
    expect(refusal('['.repeat(limits.bodyBytes + 1))).toBe('the document is larger than 1000000 bytes');
  });

  it('with a key __proto__ is refused, at any depth', () => {
    for (const text of ['{"__proto__": {"polluted": 1}}', '{"a": [{"__proto__": 1}]}', 'a:\n  __proto__: {b: 1}'])
      expect(refusal(text)).toBe('the key __proto__ is not allowed');
    expect(Object.keys(parseDocument('{"constructor": {"prototype": {"polluted": 1}}}') as object)).toEqual([
      'constructor',
    ]);
    expect('polluted' in {}).toBe(false);
  });

  it('is parsed or refused with a ValidationError, whatever the text', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'a',
          '1',
          ': ',
          '- ',
          '\n',
          '  ',
          '{',
          '}',
          '[',
          ']',
          ',',
          '&a ',
          '*a ',
          '"',
          "'",
          '|',
          '? ',
          '!',
          '%',
          '#',
          '\t',
          '---\n',
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (text) => {
        try {
          parseDocument(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError);
          expect((error as Error).message).not.toContain('\n');
        }
      }),
      { numRuns: 500 },
    );
  });
});
