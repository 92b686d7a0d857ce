const { join, dirname } = require('node:path');

/**
 * fast-check as the specs have it: every run of `npm test` tries the same cases, so that what passed once passes again, and
 * UNROLL_TEST_ALL=1 tries others each time. A failure prints its seed.
 */
const fastCheck = require(join(dirname(require.resolve('fast-check/package.json')), 'lib', 'cjs', 'fast-check.js'));
if (!process.env.UNROLL_TEST_ALL) fastCheck.configureGlobal({ ...fastCheck.readConfigureGlobal(), seed: 20 });

module.exports = fastCheck;
