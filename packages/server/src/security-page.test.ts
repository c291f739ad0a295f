import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const folder = join(import.meta.dirname, '..')
const page = readFileSync(join(folder, '../../SECURITY.md'), 'utf8')

/** What each line of the threat tables names: a file, and words of one or more tests in it. */
const named = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && line.includes('.test.ts`'))
  .flatMap((line) => {
    const shown = line.split(' | ').at(-1)?.replace(/ \|$/, '') ?? ''
    return shown.split(/; (?=`)/).flatMap((entry) => {
      const [, file = '', words = ''] = /^`([^`]+)`: (.+)$/.exec(entry) ?? []
      return words.split('; ').map((test) => [file, test] as const)
    })
  })

it('every threat of SECURITY.md names a test', () => {
  const threats = page.split('\n').filter((line) => /^\| (?!threat|-)/.test(line))
  expect(threats.length).toBeGreaterThan(30)
  for (const line of threats) expect(line).toContain('.test.ts`: ')
})

it.each(named)('%s has the test that SECURITY.md names: %s', (file, words) => {
  const path = join(folder, file)
  expect(existsSync(path), `${file} is there`).toBe(true)
  expect(words).not.toBe('')
  expect(readFileSync(path, 'utf8').replaceAll("\\'", "'")).toContain(words)
})
