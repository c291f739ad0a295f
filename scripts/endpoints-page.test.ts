import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { endpointsPage } from './endpoints-page.ts'

test('docs/endpoints.md says what the endpoints are: `pnpm pages` writes it anew', () => {
  const page = readFileSync(new URL('../docs/endpoints.md', import.meta.url), 'utf8')
  expect(page).toBe(endpointsPage())
})
