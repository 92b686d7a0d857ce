import { csvRow } from './csv';

describe('a row of CSV', () => {
  it('has text that a spreadsheet would evaluate as text, and negative numbers as numbers', () => {
    expect(csvRow(['=1+1', '+a', '-1+1', '@a', '\ta', -0.5, 'a-b', '2=2'])).toBe(
      "'=1+1,'+a,'-1+1,'@a,'\ta,-0.5,a-b,2=2",
    );
  });

  it('has names that are numbers as they are, so that the class -1 is found again', () => {
    expect(csvRow(['-1', '+1', '-0.5', '1', '-1e-3', '-', '-1-1'])).toBe("-1,+1,-0.5,1,-1e-3,'-,'-1-1");
  });

  it('quotes separators, quotes and ends of lines, and leaves cells without a value empty', () => {
    expect(csvRow(['a,b', 'a"b', 'a\nb', null, undefined, { kind: 'adam' }, true])).toBe(
      '"a,b","a""b","a\nb",,,"{""kind"":""adam""}",true',
    );
  });
});
