// All tables, one after the other, each in a process of its own: `pnpm bench [letters] [--quick]`.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'

const bench = fileURLToPath(new URL('.', import.meta.url))
const quick = process.argv.includes('--quick')
const letters = process.argv.slice(2).filter((argument) => /^[a-f]$/i.test(argument))

interface Table {
  readonly letter: string
  readonly command: readonly string[]
  /** Fetches its peer and runs on builds: only when asked for, or when they are there in a full run. */
  readonly needs?: string
}

const script = (file: string): readonly string[] => ['--import', 'tsx', `${bench}${file}`]
const tables: readonly Table[] = [
  { letter: 'A', command: script('reading.ts') },
  { letter: 'B', command: script('engine.ts') },
  { letter: 'C', command: script('rendering.ts') },
  { letter: 'D', command: script('bytes.ts') },
  { letter: 'E', command: script('following.ts') },
  {
    letter: 'F',
    command: [`${bench}proxy.mjs`],
    needs: `${bench}../packages/server/dist/index.js`,
  },
]

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

const wanted = tables.filter(({ letter, needs }) =>
  letters.length > 0 ? letters.some((one) => one.toUpperCase() === letter) : !(quick && needs),
)
for (const { letter, command, needs } of wanted) {
  if (needs !== undefined && !existsSync(needs)) {
    console.log(`\nTable ${letter} was left out: it measures the builds. Run \`pnpm build\` first.`)
    continue
  }
  if (needs !== undefined) console.log(`\n## ${letter}. The proxy\n`)
  const startedAt = performance.now()
  const options = needs === undefined && quick ? ['--quick'] : []
  const { status } = spawnSync(process.execPath, [...command, ...options], { stdio: 'inherit' })
  if (status !== 0) process.exitCode = 1
  console.log(`\nTable ${letter} took ${Math.round((performance.now() - startedAt) / 1_000)} s.`)
}
