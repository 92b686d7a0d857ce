// Rules of ESLint that oxlint lacks, as a plugin of oxlint, which parses each file anyway: .oxlintrc.json sets them.
import { builtinRules } from 'eslint/use-at-your-own-risk';

const wanted = ['max-len', 'no-restricted-syntax'];

export default {
  meta: { name: 'eslint-core' },
  rules: Object.fromEntries(wanted.map((name) => [name, builtinRules.get(name)])),
};
