// Packs what would be published, installs it into an empty project and uses it as a stranger would: every door is
// imported, an answer is streamed, queued and chatted from the emulator, the types load, both bins start, and publint and
// attw find nothing. Needs the package registry and two minutes; run by CI and by hand: node scripts/check-packed.mjs

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { call, packPackages } from './pack-packages.mjs'

const work = mkdtempSync(join(tmpdir(), 'fal-llm-packed-'))
const project = join(work, 'project')

const doors = [
  '@fal-llm/core',
  '@fal-llm/core/binding',
  '@fal-llm/core/endpoints',
  '@fal-llm/react',
  '@fal-llm/vue',
  '@fal-llm/svelte',
  '@fal-llm/svelte/runes',
  '@fal-llm/server',
  '@fal-llm/server/node',
  '@fal-llm/server/next',
  '@fal-llm/server/hono',
  '@fal-llm/server/sveltekit',
  '@fal-llm/server/nuxt',
  '@fal-llm/emulator',
  '@fal-llm/vite',
]

const useIt = `import assert from 'node:assert/strict'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { createFalChat, createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { useFalChat } from '@fal-llm/react'

for (const door of ${JSON.stringify(doors)}) assert.ok(Object.keys(await import(door)).length > 0, door)

const emulator = await startEmulator()
const model = 'google/gemini-2.5-flash'
const llm = createFalLlm({ credentials: 'a-key:of-nobody', baseUrl: emulator.url })
assert.equal((await llm.generate({ model, prompt: '/echo streamed' })).text, 'streamed')
assert.equal((await llm.generate({ model, prompt: '/echo queued', mode: 'queue' })).text, 'queued')
assert.match(await llm.upload(new Blob(['a picture'])), /^http/)
const stored = new Map()
const storage = {
  getItem: (name) => stored.get(name) ?? null,
  setItem: (name, value) => void stored.set(name, value),
  removeItem: (name) => void stored.delete(name),
}
const chat = createFalChat({ llm, model, storage, id: 'packed', mode: 'durable' })
assert.equal((await chat.send('/echo chatted')).text, 'chatted')
const again = createFalChat({ llm, storage, id: 'packed' })
await again.resume()
assert.equal(again.getState().messages.at(-1).text, 'chatted')
const Chat = () => createElement('p', null, useFalChat({ llm }).status)
assert.equal(renderToString(createElement(Chat)), '<p>ready</p>')
await emulator.close()
`

const types = `${doors.map((door, index) => `import * as door${index} from '${door}'`).join('\n')}
import { createFalLlm } from '@fal-llm/core'
const run = createFalLlm().generate({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o', prompt: 'Hi' })
// @ts-expect-error not a model of this endpoint
createFalLlm().generate({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-nothing', prompt: 'Hi' })
export const all = [run, ${doors.map((_, index) => `door${index}`).join(', ')}]
`

// What attw is not to complain of: these packages are ES modules, which the `require` of every Node they support loads; the
// emulator's second door is a program, without types.
const attw = ['--ignore-rules', 'cjs-resolves-to-esm', '--exclude-entrypoints', './cli']

try {
  const tarballs = packPackages(work)
  const names = Object.keys(tarballs)
  mkdirSync(project)
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:${tarballs[name]}`]))
  const frameworks = { react: '^19', 'react-dom': '^19', vue: '^3', svelte: '^5', vite: '^8' }
  const tools = { typescript: '~5.9', '@types/node': '^20', '@types/react': '^19' }
  const checks = { publint: '^0.3.0', '@arethetypeswrong/cli': '^0.18.0' }
  const devDependencies = { ...tools, ...checks }
  writeFileSync(
    join(project, 'package.json'),
    JSON.stringify({
      type: 'module',
      dependencies: { ...dependencies, ...frameworks },
      devDependencies,
    }),
  )
  writeFileSync(join(project, 'use-it.mjs'), useIt)
  writeFileSync(join(project, 'types.ts'), types)
  call('npm', ['install', '--no-audit', '--no-fund', '--silent'], project)
  call('node', ['use-it.mjs'], project)
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022']
  call('npx', ['tsc', ...flags, '--lib', 'es2023,dom,dom.iterable', 'types.ts'], project)
  for (const name of ['@fal-llm/emulator', 'fal-emulator']) {
    const help = call('npx', ['--no', '--', name, '--help'], project)
    if (!help.includes('--tokens-per-second')) throw new Error(`npx ${name} says: ${help}`)
  }
  for (const [name, tarball] of Object.entries(tarballs)) {
    call('npx', ['publint', 'run', tarball, '--strict'], project)
    // A program without a door has no types to be wrong.
    if (!['fal-emulator', 'create-fal-llm'].includes(name))
      call('npx', ['attw', tarball, ...attw], project)
  }
  console.log(
    `${names.length} packages work as packed: ${doors.length} doors, values and types, publint and attw`,
  )
} finally {
  rmSync(work, { recursive: true })
}
