// All tables, one after the other, each in a process of its own: `pnpm bench [letters] [--quick]`.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('.', import.meta.url))
const quick = process.argv.includes('--quick')
const letters = process.argv
  .slice(2)
  .flatMap((word) => (/^[a-f]$/i.test(word) ? word.toUpperCase() : []))

const tables: Readonly<Record<string, string>> = {
  A: 'reading.ts',
  B: 'engine.ts',
  C: 'rendering.ts',
  D: 'bytes.ts',
  E: 'following.ts',
  F: 'proxy.ts',
}

function versionOf(name: string): string {
  const file = readFileSync(`${bench}node_modules/${name}/package.json`, 'utf8')
  return `${name} ${(JSON.parse(file) as { readonly version: string }).version}`
}

const [processor] = cpus()
const peers = [
  '@fal-ai/client',
  'ai',
  '@ai-sdk/react',
  '@ai-sdk/svelte',
  '@ai-sdk/vue',
  '@tanstack/ai-client',
  '@tanstack/ai-react',
  'openai',
  'eventsource-parser',
  'react',
  'svelte',
  'vue',
]
console.log(
  [
    '# Benchmarks',
    '',
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${processor?.model.trim()}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the start.`,
    `${peers.map(versionOf).join(', ')}.`,
  ].join('\n'),
)

// F fetches its peer from npm: the short form for CI leaves it out unless it is named.
const wanted = Object.keys(tables).filter((letter) =>
  letters.length > 0 ? letters.includes(letter) : !(quick && letter === 'F'),
)
for (const letter of wanted) {
  const startedAt = performance.now()
  const words = ['--import', 'tsx', `${bench}${tables[letter]}`, ...(quick ? ['--quick'] : [])]
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
  console.log(`\nTable ${letter} took ${Math.round((performance.now() - startedAt) / 1_000)} s.`)
}
