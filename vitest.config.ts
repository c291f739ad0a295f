import { defaultClientConditions, defaultServerConditions } from 'vite'
import { defineConfig } from 'vitest/config'

// Tests run on the sources: no package needs a build first.
const source = '@fal-llm/source'
const resolve = { conditions: [source, ...defaultClientConditions] }
const ssr = { resolve: { conditions: [source, ...defaultServerConditions] } }
const browserless = ['packages/{react,vue,svelte}/**', 'apps/**']

export default defineConfig({
  test: {
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'test-artefacts/reports/unit.json' }]]
      : ['default'],
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{packages,examples,scripts}/**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/dist/**', ...browserless],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'dom',
          environment: 'happy-dom',
          include: [
            'packages/{react,vue,svelte}/**/*.test.{ts,tsx}',
            'apps/**/src/**/*.test.{ts,tsx}',
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
