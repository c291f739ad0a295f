// Table D: bytes, minified and gzipped, the framework left outside. What counts is what a page must load first; what is
// imported on first use is named beside it.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { budgets } from './harness/budgets.ts'
import { bundle as bundleForNode } from './harness/build.ts'
import { weigh } from './harness/first-load.ts'
import type { FirstLoad } from './harness/first-load.ts'
import { countedRow, measure, printTable } from './harness/table.ts'
import type { Row } from './harness/table.ts'

const bench = fileURLToPath(new URL('.', import.meta.url))

const peers: Readonly<Record<string, string>> = {
  'ai 6 useChat': `export { useChat } from '@ai-sdk/react'`,
  'TanStack useChat': `export { useChat, stream } from '@tanstack/ai-react'`,
  'fal-js': `export { createFalClient } from '@fal-ai/client'`,
  openai: `export { default } from 'openai'`,
  'eventsource-parser': `export { createParser } from 'eventsource-parser'`,
  valibot: `export { object, string, number, optional, parse } from 'valibot'`,
}

const theirs = new Map<string, number>()
for (const [name, code] of Object.entries(peers)) theirs.set(name, (await weigh(code)).kib)

const rows: Row[] = []
const notes: string[] = []
for (const { work, code, kib: atMost, against = {}, outside } of budgets) {
  const { kib, laterKib, files } = await weigh(code, outside)
  const goals = [
    { atMost },
    ...Object.entries(against).map(([to, ratio]) => ({ to, atMost: ratio })),
  ]
  const compared = Object.keys(against).map((name) => [name, theirs.get(name) ?? NaN])
  rows.push(
    countedRow({ work, unit: 'KiB', goals }, { ours: kib, ...Object.fromEntries(compared) }),
  )
  const later = laterKib > 0 ? `; on first use ${laterKib.toFixed(1)} KiB more` : ''
  notes.push(`- ${work}: ${kib.toFixed(2)} KiB${later}. Largest: ${largest(files)}`)
}
for (const [name, kib] of theirs) {
  if (!rows.some(({ samples }) => samples.has(name))) {
    rows.push(countedRow({ work: `(${name})`, unit: 'KiB' }, { [name]: kib }))
  }
}

function largest(files: FirstLoad['files']): string {
  return files
    .slice(0, 10)
    .map(([path, bytes]) => `${path.replace(/^.*(packages|node_modules)\//, '')} ${bytes}`)
    .join(', ')
}

const run = promisify(execFile)
const inNode = (name: string, specifier: string) => ({
  name,
  async run() {
    const code = `const t = performance.now(); await import(${JSON.stringify(specifier)}); process.stdout.write(String(performance.now() - t))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', code], {
      cwd: bench,
    })
    return Number(stdout)
  },
})
const imported = [
  inNode('ours', await bundleForNode('core-door', `export * from '@fal-llm/core'`)),
  inNode('ai 6 useChat', 'ai'),
  inNode('openai', 'openai'),
  inNode('fal-js', '@fal-ai/client'),
]
const importing = { work: 'importing core in Node', unit: 'ms', goals: [{ atMost: 15 }] }
rows.push(await measure(importing, imported))
printTable('D. Bytes: minified, gzipped, the framework outside', ['ours', ...theirs.keys()], rows)
console.log(`\nBytes minified, before gzip, of the files that weigh most:\n\n${notes.join('\n')}`)
