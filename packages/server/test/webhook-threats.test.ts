import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '../../..')
const folders = ['packages/server/src/webhook', 'packages/server/test', 'examples']

/** The text of a test file, wherever it is. */
function readTest(name: string): string {
  const folder = folders.find((candidate) => readdirSync(join(root, candidate)).includes(name))
  if (folder === undefined) throw new Error(`there is no ${name}`)
  return readFileSync(join(root, folder, name), 'utf8')
}

const guide = readFileSync(join(root, 'docs/webhooks.md'), 'utf8')
const section = /## Threats\n(.*)/s.exec(guide)?.[1] ?? ''
const rows = [...section.matchAll(/^\| (?!threat|---)([^|]+) \|[^|]+\| ([^|]+) \|$/gm)]

describe('the table of threats in docs/webhooks.md', () => {
  it('has rows', () => expect(rows.length).toBeGreaterThan(10))

  it.each(rows.map(([, threat = '', tests = '']) => [threat, tests]))(
    '(%s) names tests that exist',
    (_threat, tests) => {
      const named = [...tests.matchAll(/`([\w-]+\.test\.ts)`((?:,? "[^"]+")*)/g)]
      expect(named.length).toBeGreaterThan(0)
      for (const [, file = '', titles = ''] of named) {
        const text = readTest(file)
        for (const [, title = ''] of titles.matchAll(/"([^"]+)"/g)) {
          for (const part of title.split('…')) expect(text).toContain(part.trim())
        }
      }
    },
  )
})
