// Lints the OpenAPI document on standard input; prints each problem on a line. A module of its own: the linter is one, and jest's are not.
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { text } from 'node:stream/consumers';

const rules = {
  // A check of health has no error of the client.
  'operation-4xx-response': 'off',
};
const config = await createConfig({ extends: ['recommended-strict'], rules });
const problems = await lintFromString({ source: await text(process.stdin), config, absoluteRef: '/openapi.json' });
for (const { ruleId, message, location } of problems) console.log(`${ruleId}: ${message} (${location[0]?.pointer})`);
