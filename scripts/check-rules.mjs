// Holds docs/rules.md and the tests together: each rule has a test that quotes it ("rule 10: …"), each test that quotes a
// rule quotes one there is, and the page names for each a test that there is. `--write` names one where it does not.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const page = join(root, 'docs/rules.md')
const folders = ['packages', 'apps', 'examples', 'scripts']

/** A title that quotes: `test('rule 3: …'`, `describe("rules 1 and 5: …"`. */
const quotation =
  /(?<quote>['"`])rules? (?<numbers>\d+(?:(?:, | and )\d+)*): (?<title>.+?)\k<quote>/g

const tests = folders.flatMap((folder) => testFiles(join(root, folder)).flatMap(quotationsIn))
const text = readFileSync(page, 'utf8')
const numbers = Array.from(text.matchAll(/^(\d+)\. /gm), ([, number]) => Number(number))

const breaches = [
  ...numbers
    .filter((number) => testsOf(number).length === 0)
    .map((number) => `rule ${number}: no test quotes it`),
  ...tests
    .filter(({ number }) => !numbers.includes(number))
    .map(
      ({ number, file, title }) =>
        `${file}: "${title}" quotes rule ${number}, which there is none of`,
    ),
]

const written = text.replaceAll(/^(\d+)\. .*\n(?: {4}Held by .*\n)?/gm, (rule, number) =>
  named(rule, Number(number)),
)
if (process.argv.includes('--write')) writeFileSync(page, written)
else if (written !== text) {
  breaches.push('docs/rules.md names a test that is gone: run node scripts/check-rules.mjs --write')
}
for (const breach of breaches) console.error(breach)
if (breaches.length > 0) process.exit(1)
console.log(`${numbers.length} rules, ${tests.length} tests that quote them`)

/** A rule with a test that holds it: the one it names, as long as there is one. */
function named(rule, number) {
  const lines = testsOf(number).map(
    ({ title, file }) => `    Held by “${title}” ([${file.split('/').at(-1)}](../${file})).\n`,
  )
  const [line, known = ''] = rule.split(/(?<=\n)/)
  return lines.includes(known) ? rule : `${line}${lines[0] ?? ''}`
}

function testsOf(number) {
  return tests.filter((test) => test.number === number)
}

function quotationsIn(file) {
  const found = readFileSync(join(root, file), 'utf8').matchAll(quotation)
  return Array.from(found, ({ groups }) => groups).flatMap(({ numbers: quoted, title }) =>
    quoted.match(/\d+/g).map((number) => ({ number: Number(number), title, file })),
  )
}

function testFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx)$/.test(entry.name))
    .filter((entry) => !entry.parentPath.includes('node_modules'))
    .filter((entry) => /\.test\.tsx?$|testkit/.test(join(entry.parentPath, entry.name)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted()
}
