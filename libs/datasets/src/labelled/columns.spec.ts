import { reading, toSource } from '../reading.fixture';
import { prepareRows } from './labelled';
import { labelledTable } from './rows';

const texts = Array.from({ length: 20 }, (_, index) => `this is ${['good', 'bad'][index % 2]} number ${index}`);
const label = (index: number): string => (index % 2 ? 'pos' : 'neg');
const table = (header: string, row: (index: number) => string): string =>
  `${header}\n${texts.map((_, index) => row(index)).join('\n')}\n`;
const read = (content: string, wanted = {}) => labelledTable(toSource('labelled', content), 'classification', wanted);

describe('the columns of a labelled table', () => {
  it.each([
    ['review and sentiment beside an id', table('id,review,sentiment', (row) => `${row},${texts[row]},${label(row)}`)],
    ['any order', table('label,text', (row) => `${label(row)},${texts[row]}`)],
    ['an index without a name', table(',tweet,class', (row) => `${row},${texts[row]},${label(row)}`)],
    ['other columns', table('target,ids,date,user,text', (row) => `${label(row)},${row},Mon,u${row},${texts[row]}`)],
    ['names that say nothing, of two', table('v1,v2', (row) => `${label(row)},${texts[row]}`)],
    ['semicolons', table('sentence;category', (row) => `${texts[row]};${label(row)}`)],
    ['tabs and quotes', table('message\tspam', (row) => `${texts[row]}\t${label(row)}`)],
    ['CRLF after a header with LF', table('text,label', (row) => `${texts[row]},${label(row)}\r`)],
    ['only one with words', table('code,kind,words', (row) => `c${row},${label(row)},${texts[row]}`)],
    ['JSON', texts.map((text, row) => JSON.stringify({ id: row, review: text, sentiment: label(row) })).join('\n')],
    [
      'a JSON list',
      JSON.stringify(
        texts.map((text, row) => ({ review: text, sentiment: label(row) })),
        null,
        2,
      ),
    ],
  ])('are found by %s', (_, content) => {
    const { rows } = read(content);
    expect(rows.map(({ text, label: found }) => [text, found])).toEqual(texts.map((text, row) => [text, label(row)]));
  });

  it('are those that a person names', () => {
    const content = table(
      'title,body,stars,helpful',
      (row) => `a ${texts[row]},${texts[row]},${label(row)},${row % 3}`,
    );
    expect(() => read(content)).toThrow(
      'it is not clear which columns have the text and the label; they are title, body, stars, helpful: set dataset.text and dataset.label',
    );
    const { rows, facts } = read(content, { text: 'body', label: 'helpful' });
    expect(rows[4]).toMatchObject({ text: texts[4], label: '1' });
    expect(facts).toEqual(['text body', 'label helpful', 'left out title, stars']);
    const lines = texts.map((text, row) => JSON.stringify({ said: text, mood: label(row) })).join('\n');
    expect(read(lines, { text: 'said', label: 'mood' }).rows[0]).toMatchObject({ text: texts[0], label: 'neg' });
  });

  it.each([
    ['a name that is not there', { text: 'bodi' }, 'dataset.text: there is no column "bodi"; did you mean body?'],
    ['the text as label', { text: 'body', label: 'body' }, 'it is not clear which columns'],
  ])('are refused for %s', (_, wanted, message) => {
    expect(() =>
      read(
        table('body,stars,other', (row) => `${texts[row]},${label(row)},x${row}`),
        wanted,
      ),
    ).toThrow(message);
  });

  it('are refused in a table of numbers, and in one without a header', () => {
    expect(() => read(table('x1,x2,x3,y', (row) => `${row},${row},${row},${row % 2}`))).toThrow(
      'the table has only numbers: give texts, or sequences of numbers as JSON lines',
    );
    expect(() => read(texts.map((text, row) => `${label(row)}\t${text}`).join('\n'))).toThrow(
      'so the table has no header',
    );
  });

  it('may have targets that are numbers in any writing', () => {
    const task = {
      kind: 'regression',
      tokens: 'word',
      vocabulary: 99,
      pooling: 'last',
      loss: 'mse',
      huberDelta: 1,
    } as const;
    for (const write of [
      (value: number) => String(value),
      (value: number) => `$${value}`,
      (value: number) => String(value).replace('.', ','),
    ]) {
      const content = table('text;score', (row) => `${texts[row]};${write(row + 0.25)}`);
      const data = prepareRows(labelledTable(toSource('labelled', content), 'regression').rows, {
        task,
        dataset: reading(),
      });
      expect(data.targetScaling!.shift[0]).toBeGreaterThan(5);
      expect(data.targetScaling!.shift[0]).toBeLessThan(15);
    }
  });
});
