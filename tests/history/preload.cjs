// Preloaded into a worker of a fault scenario: appends what its operations were told to a file in UNROLL's folder of histories.
const { appendFileSync } = require('node:fs');
const { join } = require('node:path');
const { observe } = require('./client.cjs');

const folder = process.env.HISTORY_FOLDER;
if (folder && process.argv[1]?.includes('worker/src/main'))
  observe(`worker ${process.pid}`, (event) =>
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(event)}\n`),
  );
