import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

/** A cast that switches type checking off. Where a library's types leave no other way, disable the rule on the line and say why. */
const uncheckedCast =
  'do not cast away the type: narrow it, parse it or type the source; else disable this rule with a reason';

export default defineConfig([
  globalIgnores(['**/dist/', 'node_modules/', '.unroll/', 'coverage/', 'clients/typescript/src/api.ts']),
  js.configs.recommended,
  {
    rules: {
      // Prettier breaks code at 120 columns, but not comments and strings.
      'max-len': [
        'error',
        { code: 140, ignoreRegExpLiterals: true, ignoreStrings: true, ignoreTemplateLiterals: true },
      ],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'TSAsExpression > TSNeverKeyword.typeAnnotation', message: uncheckedCast },
        { selector: 'TSAsExpression > TSAsExpression.expression > TSUnknownKeyword', message: uncheckedCast },
      ],
    },
  },
  {
    // Nest reads the types of constructor parameters at run time: they must be real imports.
    files: ['apps/{api,worker}/**/*.ts', 'libs/{queue,database}/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: ['**/*.spec.{ts,tsx}', '**/*.test.mjs', 'tests/**'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.spec.ts', 'tests/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // What a server answers is looked at as it is, and a contract is tested with what it refuses.
      '@typescript-eslint/no-explicit-any': 'off',
      'no-restricted-syntax': 'off',
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
  {
    files: ['apps/dashboard/src/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  {
    files: ['apps/dashboard/public/*.js'],
    languageOptions: { globals: { localStorage: 'readonly', document: 'readonly' } },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        module: 'writable',
        fetch: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
        AbortController: 'readonly',
        FormData: 'readonly',
        Blob: 'readonly',
        URL: 'readonly',
        TextDecoder: 'readonly',
        requestIdleCallback: 'readonly',
      },
    },
  },
]);
