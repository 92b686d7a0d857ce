import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** A cast that switches type checking off. Where a library's types leave no other way, disable the rule on the line and say why. */
const uncheckedCast =
  'do not cast away the type: narrow it, parse it or type the source; else disable this rule with a reason';

/** What oxlint has no rule for: all else is in .oxlintrc.json, and takes a tenth of the time there. */
export default defineConfig([
  globalIgnores(['**/dist/', 'node_modules/', '.unroll/', 'coverage/', 'clients/typescript/src/api.ts']),
  {
    // Comments name the rules of oxlint too.
    linterOptions: { reportUnusedDisableDirectives: 'off' },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      // Prettier breaks code at 120 columns, but not comments and strings.
      'max-len': [
        'error',
        { code: 140, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true },
      ],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    languageOptions: { parser: tseslint.parser },
  },
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ['**/*.spec.ts', 'tests/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'TSAsExpression > TSNeverKeyword.typeAnnotation', message: uncheckedCast },
        { selector: 'TSAsExpression > TSAsExpression.expression > TSUnknownKeyword', message: uncheckedCast },
      ],
    },
  },
  {
    files: ['tests/end-to-end/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            "CallExpression[callee.name='expect'] CallExpression[callee.property.name=/^(count|is(Visible|Hidden|Enabled|Disabled|Checked|Editable)|textContent|inputValue)$/]",
          message: 'a page shows things when its answers come: wait with shows(locator, count) or locator.waitFor()',
        },
        {
          selector:
            "ExpressionStatement > AwaitExpression > CallExpression:matches([callee.name='unroll'], [callee.property.name='unroll'])",
          message:
            'a command whose end nobody looks at may have failed: await succeeds(unroll(…)), or look at its code',
        },
      ],
    },
  },
]);
