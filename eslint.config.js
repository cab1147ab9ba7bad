import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import { defineConfig } from 'eslint/config'
import ts from 'typescript-eslint'
import svelteConfig from './svelte.config.js'

const PROGRAMS = [
  'tsconfig.json',
  'tsconfig.node.json',
  'tsconfig.unit.json',
  'worker/tsconfig.json',
  'tests/worker/tsconfig.json',
  'src/service-worker/tsconfig.json',
]

export default defineConfig(
  {
    ignores: [
      '.svelte-kit/',
      'node_modules/',
      '.wrangler/',
      '.porchlight*/',
      'test-results/',
      'tests/recordings/',
    ],
  },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  prettier,
  ...svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { project: PROGRAMS, extraFileExtensions: ['.svelte'] },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // TypeScript knows better what is defined.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Playwright finds fixtures by the names in the pattern, an empty one too.
      'no-empty-pattern': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    // What the server says to whoever runs it goes through one function that has no field for anything private.
    files: ['worker/**', 'src/**'],
    ignores: ['worker/log.ts', '**/*.test.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // Runs locally, and is refused or too slow in production: the runtime allows 100,000 iterations and 10 ms.
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[
          'Literal[value=/^(pbkdf2|bcrypt|scrypt|argon2\\w*)$/i]',
          'Identifier[name=/^(pbkdf2|bcrypt|scrypt|argon2)/i]',
        ].map((selector) => ({
          selector,
          message: 'No slow hashes: keys here are long and random, so SHA-256 is enough.',
        })),
      ],
    },
  },
  { files: ['**/*.{js,mjs}'], ...ts.configs.disableTypeChecked },
  {
    // A stand-in for a port answers with a promise, and has nothing to wait for.
    files: ['tests/**', '**/*.test.ts'],
    rules: { '@typescript-eslint/require-await': 'off' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      // A model's output is hostile, so no string of it ever becomes HTML.
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
)
