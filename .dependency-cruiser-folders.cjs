/** No circle of folders. Specs are left out: they may import any folder of their library. */
const { options } = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: [
    {
      name: 'no-folder-cycles',
      severity: 'error',
      comment: 'two folders that need each other are one, or need a third below them both',
      scope: 'folder',
      from: { path: '^(apps|libs)/' },
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: '\\.spec\\.tsx?$' } },
};
