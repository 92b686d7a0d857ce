const { default: Sequencer } = require('@jest/test-sequencer');

/**
 * Seconds of the files that take longest, on an idle machine with two cores. On a machine that has not run them yet Jest
 * would order files by size, and a run would end with one long file on one core.
 */
const seconds = {
  'tests/faults/faults.spec.ts': 100,
  'tests/end-to-end/stack.spec.ts': 70,
  'tasks/tasks.spec.ts': 60,
  'tests/end-to-end/dashboard.spec.ts': 40,
};

const expected = ({ path }) => Object.entries(seconds).find(([file]) => path.endsWith(file))?.[1] ?? 0;

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const known = sorted.filter((test) => test.duration === undefined && expected(test) > 0);
    return [...known.sort((a, b) => expected(b) - expected(a)), ...sorted.filter((test) => !known.includes(test))];
  }
};
