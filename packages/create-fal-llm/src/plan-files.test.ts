import { expect, test } from 'vitest'
import { choosePackageManager } from './package-manager.ts'
import { planFiles } from './plan-files.ts'

const choice = {
  name: 'my-chat',
  framework: 'react',
  packageManager: choosePackageManager('pnpm/12'),
  version: '1.2.3',
} as const

/** Files of the layers that are named, and of no other. */
function planOf(layers: Readonly<Record<string, Readonly<Record<string, string>>>>, more = {}) {
  const plan = planFiles({ ...choice, ...more }, (layer) => layers[layer] ?? {})
  return Object.fromEntries(plan)
}

test('lays layers where the framework wants them, the later over the earlier', () => {
  expect(
    planOf({
      'shared/app': { 'a/b.ts': 'app', 'vite.config.ts': 'first' },
      'shared/chat': { 'chat.ts': 'chat' },
      react: { 'vite.config.ts': 'second' },
    }),
  ).toEqual({ 'a/b.ts': 'app', 'src/chat/chat.ts': 'chat', 'vite.config.ts': 'second' })
})

test('merges the parts of a JSON file and writes a single one as it is', () => {
  const plan = planOf({
    'shared/app': { 'package.json': '{"name":"__NAME__"}', 'one.json': '{ "a":1 }' },
    react: { 'package.json': '{"type":"module"}' },
  })
  expect(JSON.parse(plan['package.json'] ?? '')).toEqual({ name: 'my-chat', type: 'module' })
  expect(plan['one.json']).toBe('{ "a":1 }')
})

test('gives hidden files their names back, in folders too', () => {
  const plan = planOf({ 'shared/app': { _gitignore: '', '_env.example': '', 'a/_gitignore': '' } })
  expect(Object.keys(plan)).toEqual(['.env.example', '.gitignore', 'a/.gitignore'])
})

test('puts name, version and the package manager’s words in', () => {
  const plan = planOf({
    'shared/app': { a: '__NAME__ ^__VERSION__ __INSTALL__ __RUN__ __FRAMEWORK__' },
  })
  expect(plan['a']).toBe('my-chat ^1.2.3 pnpm install pnpm React')
})

test('throws for a placeholder that nothing stands for, naming the file', () => {
  expect(() => planOf({ 'shared/app': { 'a.ts': '__NOBODY__' } })).toThrow(
    'shared/app/a.ts: nothing stands for __NOBODY__',
  )
})

test('writes what is for pnpm only where pnpm installs', () => {
  const layers = { react: { 'pnpm-workspace.yaml': 'allowBuilds:' } }
  expect(planOf(layers)).toHaveProperty(['pnpm-workspace.yaml'])
  expect(planOf(layers, { packageManager: choosePackageManager(undefined) })).toEqual({})
})
