// What npm and its users read of each package that is published: complete, and the same way everywhere.

import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const github = 'https://github.com/fal-llm/fal-llm'

interface Door {
  readonly types?: string
  readonly default: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly description?: string
  readonly keywords?: readonly string[]
  readonly files?: readonly string[]
  readonly main?: string
  readonly types?: string
  readonly exports?: Readonly<Record<string, string | Door>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
}

// What is read below is compared, whatever it is.
const read = (path: string): Manifest =>
  JSON.parse(readFileSync(join(root, path), 'utf8')) as Manifest

const folders = readdirSync(join(root, 'packages'))
const manifests = folders.map((folder) => ({ folder, ...read(`packages/${folder}/package.json`) }))
const published = manifests.filter((manifest) => !manifest.private)
const privateNames = manifests.filter((manifest) => manifest.private).map(({ name }) => name)

/** What is packed of those that are a program and no door. */
const programs: Readonly<Record<string, readonly string[]>> = {
  'create-fal-llm': ['dist', 'templates'],
  'fal-emulator': ['bin.js'],
}

/** The doors that are imported, by their path: "." and "./endpoints". */
const doorsOf = ({ exports = {} }: Manifest): readonly (readonly [string, Door])[] =>
  Object.entries(exports).flatMap(([path, door]) =>
    typeof door === 'object' && door.types !== undefined ? [[path, door] as const] : [],
  )

const { hooks } = (await import(pathToFileURL(join(root, '.pnpmfile.mjs')).href)) as {
  // pnpm calls it with the manifest in the folder, and packs what it returns.
  readonly hooks: { readonly beforePacking: (manifest: Manifest) => Manifest }
}

test('there are packages to look at, and private ones to keep apart', () => {
  expect(published.length).toBeGreaterThanOrEqual(8)
  expect(privateNames).toContain('@fal-llm/testkit')
})

describe.each(published)('the manifest of $name', ({ folder, ...manifest }) => {
  test('says where it comes from, whose it is and what it is about', () => {
    expect(manifest).toMatchObject({
      description: expect.stringMatching(/^.{20,}\.$/),
      homepage: `${github}/tree/main/packages/${folder}#readme`,
      bugs: `${github}/issues`,
      license: 'MIT',
      author: 'The fal-llm authors',
      repository: { type: 'git', url: `git+${github}.git`, directory: `packages/${folder}` },
    })
    expect(manifest.keywords).toEqual(expect.arrayContaining(['fal', 'fal.ai', 'llm']))
  })

  test('is published for everyone, with its provenance, and says which Node it needs', () => {
    expect(manifest).toMatchObject({
      type: 'module',
      publishConfig: { access: 'public', provenance: true },
      engines: { node: '>=20.19' },
    })
  })

  test('has a page of its own', () => {
    const readme = readFileSync(join(root, 'packages', folder, 'README.md'), 'utf8')
    expect(readme).toMatch(new RegExp(`^# ${manifest.name}\n`))
    // A path into the repository leads nowhere on npm's page.
    expect(readme.match(/\]\((?!https:|#)[^)]*\)/g) ?? []).toEqual([])
  })

  test('names its first door for resolvers that read no exports', () => {
    const [first] = doorsOf(manifest)
    expect([manifest.main, manifest.types]).toEqual([first?.[1].default, first?.[1].types])
  })

  test('has a folder for each other door, which such resolvers find', () => {
    const others = doorsOf(manifest).filter(([path]) => path !== '.')
    const names = others.map(([path]) => path.slice('./'.length))
    for (const [path, door] of others) {
      expect(read(join('packages', folder, path, 'package.json'))).toEqual({
        type: 'module',
        sideEffects: false,
        main: `.${door.default}`,
        types: `.${door.types}`,
      })
    }
    const files = programs[manifest.name] ?? ['dist', ...names]
    expect(manifest.files).toEqual(files)
  })

  test('has nothing left, when it is packed, of what only the workspace knows', () => {
    const text = JSON.stringify(hooks.beforePacking(manifest))
    for (const word of ['devDependencies', '"scripts"', '@fal-llm/source', ...privateNames]) {
      expect(text).not.toContain(word)
    }
    expect(doorsOf(hooks.beforePacking(manifest)).map(([path]) => path)).toEqual(
      doorsOf(manifest).map(([path]) => path),
    )
    expect(text).toContain(manifest.name)
  })

  test('fixes no version of a package that is not ours', () => {
    const catalog = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
    const { dependencies = {}, peerDependencies = {} } = manifest
    for (const [name, wanted] of Object.entries({ ...dependencies, ...peerDependencies })) {
      const line = new RegExp(`^  '?${name}'?: (.*)$`, 'm').exec(catalog)?.[1]
      const range = wanted === 'catalog:' ? line : wanted
      expect(range, name).toMatch(/^(\^|workspace:)/)
    }
  })
})

test('each package’s imports are looked at', () => {
  const rules = readFileSync(join(root, 'scripts/check-imports.mjs'), 'utf8')
  for (const folder of folders) expect(rules).toMatch(new RegExp(`^  '?${folder}'?: \\[`, 'm'))
})

test('the licence lies where pnpm packs it from', () => {
  expect(existsSync(join(root, 'LICENSE'))).toBe(true)
})
