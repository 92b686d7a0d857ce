import { Field, Int32, RecordBatch, Schema, Struct, Table, makeData, tableToIPC, vectorFromArray } from 'apache-arrow';
import { zipSync } from 'fflate';
import { filesInTar } from '../archive/tar';
import { buildTar } from '../archive/tar.fixture';
import { parseFrames } from '../frames/parts';
import { labelledRows } from '../labelled/rows';
import { DatasetError } from '../prepared/data';
import { readNpz } from '../tables/numpy';
import { objectsIn } from '../tables/objects';
import { readTable } from '../tables/read-table';
import { readTokenizer } from '../text/tokenizer-file';

/** A table of Arrow with two columns of one name, as pyarrow writes it. */
function twoColumns(): Uint8Array {
  const fields = ['x', 'x'].map((name) => new Field(name, new Int32(), false));
  const children = [[1], [2]].map((values) => vectorFromArray(values, new Int32()).data[0]!);
  const schema = new Schema(fields);
  const batch = new RecordBatch(schema, makeData({ type: new Struct(fields), length: 1, nullCount: 0, children }));
  return tableToIPC(new Table([batch]), 'file');
}

/** An archive whose two entries have one name. */
function twice(): Uint8Array {
  const archive = Buffer.from(zipSync({ 'a.npy': Buffer.of(1), 'b.npy': Buffer.of(2) })).toString('latin1');
  return Buffer.from(archive.replaceAll('b.npy', 'a.npy'), 'latin1');
}

// Each is read by taking the last, or the first, without a word where nobody looks.
describe('what a file names twice is refused', () => {
  const lines = Buffer.from('{"text": "a", "label": "x"}\n{"text": "b", "label": "x", "label": "y"}\n');
  it.each<[string, () => unknown, string]>([
    ['a key of JSON lines', () => readTable(lines), 'line 2: the key "label" is given twice'],
    [
      'a key of labelled lines',
      () => labelledRows({ kind: 'labelled', bytes: lines }, 'classification'),
      'line 2: the',
    ],
    ['a key of objects', () => objectsIn(lines), 'line 2: the key "label" is given twice'],
    [
      'a key of a list',
      () => readTable(Buffer.from('[{"a": 1}, {"b": 1, "\\u0062": 2}]')),
      'the key "b" is given twice',
    ],
    [
      'a part of frames',
      () => parseFrames(Buffer.from('{"train": [[[60]]], "valid": [[[60]]], "train": [[[61]]]}')),
      'the key "train" is given twice',
    ],
    [
      'a token',
      () => readTokenizer(Buffer.from('{"model": {"type": "BPE", "vocab": {"a": 0, "a": 1}, "merges": []}}')),
      'is no tokenizer.json: the key "a" is given twice',
    ],
    ['a column of CSV', () => readTable(Buffer.from('a,b,a\n1,2,3\n')), 'line 1: two columns are named "a"'],
    ['a column of Arrow', () => readTable(twoColumns()), 'two columns are named "x"'],
    ['a column of Arrow in objects', () => objectsIn(twoColumns()), 'two columns are named "x"'],
    ['an array', () => readNpz(twice()), 'the archive has a.npy twice'],
    [
      'a file of an archive',
      () =>
        filesInTar(
          buildTar([
            { name: 'a.csv', content: '1' },
            { name: './a.csv', content: '2' },
          ]),
        ),
      'the archive has a.csv twice',
    ],
  ])('%s', (_, read, message) => {
    expect(read).toThrow(DatasetError);
    expect(read).toThrow(message);
  });
});
