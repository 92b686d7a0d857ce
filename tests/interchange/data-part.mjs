// Tables that other libraries write now, read as their CSV is; see run.mjs.
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

/** Whether two cells say the same: numbers as numbers, and times with or without the mark of UTC. */
const isSame = (one, other) =>
  one === other ||
  (one !== '' && other !== '' && Number(one) === Number(other)) ||
  one.replace(/Z$/, '') === other.replace(/Z$/, '');

/** `write` writes the files of data.py into a folder, and returns the versions. */
export const dataPart = (write) =>
  function* data(python, folder) {
    const { readTable } = require('../../dist/libs/datasets/src/tables/read-table.js');
    const versions = Object.entries(write(python, folder)).map(([name, version]) => `${name} ${version}`);
    const read = (name) => readTable(readFileSync(join(folder, name)), { isSeries: true });
    const csv = read('expected.csv');
    const names = readdirSync(folder).filter(
      (name) => /\.(parquet|feather|arrow)$/.test(name) && !/^(long|odd|pairs|tagged|empty|nested)/.test(name),
    );
    for (const name of names) {
      const { header, rows } = read(name);
      const wrong = rows.filter(({ cells }, row) =>
        cells.some((cell, column) => !isSame(cell, csv.rows[row].cells[csv.header.indexOf(header[column])])),
      );
      const isWhole = rows.length === csv.rows.length && wrong.length === 0;
      yield { text: `${versions.join(', ')}: ${name}`, difference: isWhole ? 0 : Infinity };
    }
  };
