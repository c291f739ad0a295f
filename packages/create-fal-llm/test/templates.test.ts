import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { frameworkNames } from '../src/frameworks.ts'
import type { FrameworkName } from '../src/frameworks.ts'
import { readLayer } from '../src/layers.ts'
import { choosePackageManager } from '../src/package-manager.ts'
import { planFiles } from '../src/plan-files.ts'
import { writeFiles } from '../src/write-files.ts'

const everyApp = [
  '.env.example',
  '.gitignore',
  'README.md',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]
const everyChat = [
  'chat.test.ts',
  'composer.css',
  'conversation.css',
  'describe-answer.ts',
  'icons.ts',
  'markdown.ts',
  'models.ts',
  'prose.css',
  'stick-to-end.ts',
  'style.css',
  'suggestions.ts',
]
const inReact = ['chat.tsx', 'composer.tsx', 'icon-button.tsx', 'message.tsx']
const inVue = ['chat-composer.vue', 'chat-message.vue', 'chat.vue', 'icon-button.vue']
const inSvelte = ['chat.svelte', 'composer.svelte', 'icon-button.svelte', 'message.svelte']

/** What each framework's app has besides `everyApp`; its chat holds `everyChat` and the screen. */
const apps: Readonly<
  Record<FrameworkName, { chat: string; screen: readonly string[]; own: readonly string[] }>
> = {
  react: {
    chat: 'src/chat',
    screen: inReact,
    own: ['index.html', 'public/favicon.svg', 'src/main.tsx', 'vite.config.ts'],
  },
  vue: {
    chat: 'src/chat',
    screen: inVue,
    own: ['index.html', 'public/favicon.svg', 'src/main.ts', 'vite.config.ts'],
  },
  svelte: {
    chat: 'src/chat',
    screen: inSvelte,
    own: ['index.html', 'public/favicon.svg', 'src/main.ts', 'svelte.config.js', 'vite.config.ts'],
  },
  next: {
    chat: 'src/chat',
    screen: inReact,
    own: [
      'next.config.ts',
      'public/favicon.svg',
      'src/app/api/fal/proxy/route.ts',
      'src/app/layout.tsx',
      'src/app/page.tsx',
      'src/server/fal-proxy.ts',
    ],
  },
  nuxt: {
    chat: 'app/chat',
    screen: inVue,
    own: [
      'app/app.vue',
      'nuxt.config.ts',
      'public/favicon.svg',
      'server/api/fal/proxy.ts',
      'server/utils/fal-proxy.ts',
    ],
  },
  sveltekit: {
    chat: 'src/lib/chat',
    screen: inSvelte,
    own: [
      'src/app.html',
      'src/routes/+page.svelte',
      'src/routes/api/fal/proxy/+server.ts',
      'static/favicon.svg',
      'svelte.config.js',
      'vite.config.ts',
    ],
  },
}

const root = join(import.meta.dirname, '../../..')
let work: string
beforeAll(async () => void (work = await mkdtemp(join(tmpdir(), 'fal-llm-templates-'))))
afterAll(() => rm(work, { recursive: true }))

describe.each(frameworkNames)('%s', (framework) => {
  const packageManager = choosePackageManager('npm/10')
  let files: ReadonlyMap<string, string>
  beforeAll(async () => {
    const folder = join(work, framework)
    const choice = { name: 'my-chat', framework, packageManager, version: '9.8.7' }
    writeFiles(folder, planFiles(choice, readLayer))
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const paths = entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    const texts = paths.map(
      async (path) =>
        [path.replaceAll(sep, '/'), await readFile(join(folder, path), 'utf8')] as const,
    )
    files = new Map(await Promise.all(texts))
  })

  test('has these files and no other', () => {
    const { chat, screen, own } = apps[framework]
    const inChat = [...everyChat, ...screen].map((name) => `${chat}/${name}`)
    expect([...files.keys()].sort()).toEqual([...everyApp, ...inChat, ...own].sort())
  })

  test('has no placeholder left, in a file or in its name', () => {
    for (const [path, text] of files) {
      expect(path).not.toMatch(/__|^_|\/_/)
      expect(text, path).not.toMatch(/__[A-Z]+__/)
    }
  })

  test('takes our packages in the version of this one, and others as this repository does', async () => {
    const { dependencies, devDependencies, name } = JSON.parse(files.get('package.json') ?? '{}')
    expect(name).toBe('my-chat')
    const catalog = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8')
    for (const [dependency, range] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (dependency.startsWith('@fal-llm/')) expect(range, dependency).toBe('^9.8.7')
      const [, ours] = new RegExp(`^  '?${dependency}'?: (\\S+)$`, 'm').exec(catalog) ?? []
      // An exact version is this repository's own affair.
      if (ours !== undefined)
        expect(String(range).replace(/^[~^]/, ''), dependency).toBe(ours.replace('^', ''))
    }
  })

  test('has what its README and its scripts speak of', () => {
    const readme = files.get('README.md') ?? ''
    const { scripts } = JSON.parse(files.get('package.json') ?? '{}')
    const named = [...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path)
    expect(named.length).toBeGreaterThan(5)
    for (const path of named) expect(files.has(path), path).toBe(true)
    for (const script of ['dev', 'build', 'test', 'typecheck'])
      expect(scripts).toHaveProperty(script)
    expect(readme).toContain('# my-chat')
    expect(readme).toContain('npm run dev')
  })

  test('keeps the key out of its repository', () => {
    expect(files.get('.gitignore')).toMatch(/^\.env$/m)
    expect(files.get('.env.example')).toMatch(/^FAL_KEY=$/m)
  })
})
