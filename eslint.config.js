import js from '@eslint/js'
import prettier from 'eslint-config-prettier'
import svelte from 'eslint-plugin-svelte'
import globals from 'globals'
import { defineConfig } from 'eslint/config'
import { builtinRules } from 'eslint/use-at-your-own-risk'
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

/**
 * The first name of a callee: `describe` of `describe.each(TABLE)`.
 * @param {import('estree').Node} node
 * @returns {string}
 */
const firstName = (node) => {
  if (node.type === 'MemberExpression') return firstName(node.object)
  if (node.type === 'CallExpression') return firstName(node.callee)
  return node.type === 'Identifier' ? node.name : ''
}

const maxLinesPerFunction = /** @type {import('eslint').Rule.RuleModule} */ (
  builtinRules.get('max-lines-per-function')
)

/**
 * `max-lines-per-function`, except for the callbacks of `describe`, which only group tests.
 * @type {import('eslint').Rule.RuleModule}
 */
const functionLength = {
  meta: maxLinesPerFunction.meta,
  create: (context) =>
    maxLinesPerFunction.create(
      Object.create(context, {
        report: {
          /** @param {{ node: import('eslint').Rule.Node }} descriptor */
          value: (descriptor) => {
            const parent = /** @type {import('estree').Node | null} */ (descriptor.node.parent)
            const isGroup =
              parent?.type === 'CallExpression' && firstName(parent.callee) === 'describe'
            if (!isGroup) context.report(/** @type {any} */ (descriptor))
          },
        },
      }),
    ),
}

const SHORT_FUNCTIONS = /** @type {const} */ ({ max: 60, skipBlankLines: true, skipComments: true })
/** A table of cases is longer than code. */
const LONGEST_TEST_FILE = 550

const USE_API = 'Call the Worker through src/lib/api.ts.'

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
      // TypeScript checks this better.
      'no-undef': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      // Playwright reads the names of fixtures from the pattern, even from an empty one.
      'no-empty-pattern': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    plugins: { limits: { rules: { 'function-length': functionLength } } },
    rules: {
      'limits/function-length': ['error', SHORT_FUNCTIONS],
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['**/*.test.ts', '**/*.spec.ts', 'tests/support/**'],
    rules: { 'max-lines': ['error', LONGEST_TEST_FILE] },
  },
  {
    // The texts of Cloudflare's error pages.
    files: ['simulator/cloudflare.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    // The server logs through one function, which has no field for anything private.
    files: ['worker/**', 'src/**'],
    ignores: ['worker/log.ts', '**/*.test.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    // These work locally and fail in production, where the runtime allows 100,000 iterations and 10 ms.
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
  {
    // The page calls the Worker in one place, so that every failure becomes one kind of error with one sentence.
    files: ['src/**'],
    ignores: [
      'src/lib/api.ts',
      'src/lib/status/**/*.ts',
      'src/service-worker/**',
      'src/lib/server/**',
      '**/+page.server.ts',
      '**/+server.ts',
      '**/*.test.ts',
    ],
    rules: {
      'no-restricted-globals': ['error', { name: 'fetch', message: USE_API }],
      'no-restricted-properties': [
        'error',
        ...['window', 'globalThis', 'self'].map((object) => ({
          object,
          property: 'fetch',
          message: USE_API,
        })),
      ],
    },
  },
  { files: ['**/*.{js,mjs}'], ...ts.configs.disableTypeChecked },
  {
    // A stand-in for a port returns a promise without waiting for anything; the matchers of `expect` are typed as `any`.
    files: ['tests/**', '**/*.test.ts'],
    rules: {
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig },
    },
    rules: {
      // A model's output is hostile, so no string of it may become HTML.
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
)
