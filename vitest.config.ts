import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'
import { createConformanceReporter } from './packages/testkit/src/conformance-reporter.ts'

// Tests run on the sources: no package needs a build first.
const source = '@fal-llm/source'
const resolve = { conditions: [source, ...defaultClientConditions] }
const ssr = { resolve: { conditions: [source, ...defaultServerConditions] } }
const screens = ['packages/{react,vue,svelte}/**', 'apps/{shared,*-chat}/**']

const report = 'test-artefacts/reports/unit.json'

// Tests wait for what they need, not for time: a busy machine may take long over it.
const patience = { testTimeout: 30_000, hookTimeout: 30_000 }

export default defineConfig({
  test: {
    // By default one core of two would rest.
    maxWorkers: '100%',
    reporters: [
      'default',
      createConformanceReporter(),
      ...(process.env['CI'] ? ([['json', { outputFile: report }]] as const) : []),
    ],
    projects: [
      'packages/svelte/vitest.config.ts',
      // Apps whose components take a compiler.
      'apps/{vue,svelte}-chat/vitest.config.ts',
      'packages/testkit/vitest.oldest.config.ts',
      {
        resolve,
        ssr,
        test: {
          ...patience,
          name: 'node',
          environment: 'node',
          include: ['{packages,apps,examples,scripts}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', '**/e2e/**', '**/templates/**', ...screens],
        },
      },
      {
        resolve,
        ssr,
        test: {
          ...patience,
          name: 'dom',
          environment: 'happy-dom',
          include: [
            'packages/{react,vue}/**/*.test.{ts,tsx}',
            'apps/{shared,react-chat}/src/**/*.test.{ts,tsx}',
          ],
          exclude: ['**/node_modules/**', '**/dist/**'],
        },
      },
      {
        test: {
          name: 'types',
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            checker: 'tsc',
            tsconfig: './tsconfig.types.json',
            include: ['packages/**/*.test-d.{ts,tsx}'],
            exclude: ['**/node_modules/**', '**/dist/**'],
          },
        },
      },
    ],
  },
})
