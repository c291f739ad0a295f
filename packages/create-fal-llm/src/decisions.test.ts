import { posix, win32 } from 'node:path'
import { describe, expect, test } from 'vitest'
import { mergeJson } from './merge-json.ts'
import { nextSteps } from './next-steps.ts'
import { findObstacle } from './obstacle.ts'
import { choosePackageManager } from './package-manager.ts'

describe('choosePackageManager', () => {
  test.each([
    ['npm/10.8.2 node/v20.20.2 linux x64 workspaces/false', 'npm install', 'npm run'],
    ['pnpm/12.21.0 npm/? node/v20.20.2 linux x64', 'pnpm install', 'pnpm'],
    ['yarn/4.6.0 npm/? node/v20.20.2 linux x64', 'yarn install', 'yarn'],
    ['bun/1.3.0 npm/? node/v24.3.0 linux x64', 'bun install', 'bun run'],
    ['deno/2.5.0', 'npm install', 'npm run'],
    ['constructor/1', 'npm install', 'npm run'],
    [undefined, 'npm install', 'npm run'],
  ])('of %j is the one that was started', (userAgent, install, run) => {
    const manager = choosePackageManager(userAgent)
    expect([manager.install.join(' '), manager.run]).toEqual([install, run])
  })
})

describe('findObstacle', () => {
  test('finds nothing in an empty folder, nor in a new repository', () => {
    expect(findObstacle([])).toBeUndefined()
    expect(findObstacle(['.git', '.DS_Store', 'LICENSE'])).toBeUndefined()
  })

  test('names what would be written over or lie between', () => {
    expect(findObstacle(['.git', 'package.json', 'notes.txt'])).toBe('notes.txt')
    expect(findObstacle(['.gitignore'])).toBe('.gitignore')
  })
})

describe('nextSteps', () => {
  const pnpm = choosePackageManager('pnpm/12')

  test('goes to the folder, installs where nothing was installed, and starts', () => {
    const app = { cwd: '/home', packageManager: pnpm, isInstalled: false }
    expect(nextSteps({ ...app, folder: '/home/app' }, posix)).toEqual([
      'cd app',
      'pnpm install',
      'pnpm dev',
    ])
    expect(nextSteps({ ...app, folder: '/home', isInstalled: true }, posix)).toEqual(['pnpm dev'])
  })

  test('writes a way with a blank in quotes, as this system writes it', () => {
    const app = { cwd: 'C:\\Ada', packageManager: pnpm, isInstalled: true }
    expect(nextSteps({ ...app, folder: 'C:\\Ada\\my sites\\app' }, win32)[0]).toBe(
      'cd "my sites\\app"',
    )
  })
})

describe('mergeJson', () => {
  test('merges objects at every depth; of lists and words the later ones win', () => {
    const parts = ['{"a":{"b":1,"c":[1]},"d":"x"}', '{"a":{"c":[2],"e":3},"d":"y"}']
    expect(JSON.parse(mergeJson(parts))).toEqual({ a: { b: 1, c: [2], e: 3 }, d: 'y' })
  })

  test('sorts dependencies as npm does, and leaves the other fields where they stood', () => {
    const parts = ['{"name":"app","dependencies":{"vue":"3"}}', '{"dependencies":{"marked":"18"}}']
    expect(mergeJson(parts)).toBe(
      `${JSON.stringify({ name: 'app', dependencies: { marked: '18', vue: '3' } }, null, 2)}\n`,
    )
  })

  test('refuses what is no object', () => {
    expect(() => mergeJson(['{}', '[]'])).toThrow(SyntaxError)
  })
})
