// Every block of code that a reader may copy compiles. A block is a whole module, or goes on from the first one of its page.
// What stands for the reader's own code is declared in a comment of the page, `<!-- given: … -->`; a block that is a
// sketch says so after its language, and is counted.

import { readFileSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { compile as compileSvelte } from 'svelte/compiler'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { compileScript, compileTemplate, parse } from 'vue/compiler-sfc'

const root = join(import.meta.dirname, '..')
const docs = join(root, 'docs')

const pages = [
  'README.md',
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ...readdirSync(docs, { withFileTypes: true, recursive: true })
    .filter(({ name }) => name.endsWith('.md'))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
    .filter((path) => !/node_modules|reference|\.vitepress/.test(path)),
].filter((path) => textOf(path) !== '')

interface Block {
  readonly page: string
  readonly language: string
  /** What stands after the language, "sketch". */
  readonly note: string
  readonly code: string
}

const blocks = pages.flatMap((page) =>
  Array.from(
    textOf(page).matchAll(/^```(tsx?|js|vue|svelte)(?: (\S+))?\n(.*?)^```$/gms),
    ([, language = '', note = '', code = '']): Block => ({ page, language, note, code }),
  ),
)

test('rule 32: the code of every page compiles', { timeout: 240_000 }, () => {
  const modules = pages.map((page) => [pathOf(page), moduleOf(page)] as const)
  const sources = new Map(modules.filter(([, source]) => source !== ''))
  expect(sources.size).toBeGreaterThan(20)
  expect(complaintsAbout(sources)).toEqual([])
})

test.each(blocks.filter(({ language }) => language === 'vue'))(
  'rule 32: the Vue component of $page compiles',
  ({ code }) => {
    const { descriptor, errors } = parse(code)
    expect(errors).toEqual([])
    const { bindings } = compileScript(descriptor, { id: 'block' })
    const { template } = descriptor
    const compiled = compileTemplate({
      id: 'block',
      filename: 'block.vue',
      source: template?.content ?? '',
      compilerOptions: {
        expressionPlugins: ['typescript'],
        ...(bindings && { bindingMetadata: bindings }),
      },
    })
    expect(compiled.errors).toEqual([])
  },
)

test.each(blocks.filter(({ language }) => language === 'svelte'))(
  'rule 32: the Svelte component of $page compiles',
  ({ code }) => {
    const { js, warnings } = compileSvelte(code, { filename: 'block.svelte' })
    expect(js.code).not.toBe('')
    expect(warnings).toEqual([])
  },
)

test('few blocks are sketches that no compiler reads', () => {
  const sketches = blocks.filter(({ note }) => note === 'sketch').map(({ page }) => page)
  expect(sketches.toSorted()).toEqual(['docs/react-native.md', 'docs/webhooks.md'])
})

function textOf(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}

/** Where the page's module would lie: beside the site, which has all packages at hand. */
function pathOf(page: string): string {
  return join(docs, `${page.replaceAll(/[^a-z]+/g, '-')}.block.tsx`)
}

/** A page as one module: imports come first, each block after the first has a scope of its own. */
function moduleOf(page: string): string {
  const own = blocks.filter(
    (block) => block.page === page && /^(tsx?|js)$/.test(block.language) && block.note !== 'sketch',
  )
  if (own.length === 0) return ''
  const imports = new Set<string>()
  const bodies = own.map(({ code }) =>
    withoutExports(
      code.replaceAll(/^import [^'"]*['"][^'"]*['"]\n/gm, (line) => {
        imports.add(line)
        return ''
      }),
    ),
  )
  const given = Array.from(
    textOf(page).matchAll(/<!-- given: (.*?) -->/gs),
    ([, code = '']) => code,
  )
  const [first = '', ...others] = bodies
  const scopes = others.map((body) => `{\n${body}}\n`)
  return [...imports, 'export {}\n', ...given.map((code) => `${code}\n`), first, ...scopes].join('')
}

/** Only a module's outermost statements export. */
function withoutExports(code: string): string {
  return code
    .replaceAll(/^export default (?=[\w({])(?!function|class)/gm, 'void ')
    .replaceAll(/^export \{.*\}\n/gm, '')
    .replaceAll(/^export (default )?/gm, '')
}

function complaintsAbout(sources: ReadonlyMap<string, string>): readonly string[] {
  const { config } = ts.readConfigFile(join(docs, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, docs)
  const host = ts.createCompilerHost(options)
  const { readFile, fileExists, getSourceFile } = host
  host.fileExists = (name) => sources.has(name) || fileExists(name)
  host.readFile = (name) => sources.get(name) ?? readFile(name)
  host.getSourceFile = (name, version, ...rest) => {
    const source = sources.get(name)
    return source === undefined
      ? getSourceFile.call(host, name, version, ...rest)
      : ts.createSourceFile(name, source, version)
  }
  const program = ts.createProgram([...sources.keys()], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0
    const text = file?.text.split('\n')[line - 1]
    const where = file ? relative(docs, file.fileName) : ''
    return `${where}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}\n  in: ${text}`
  })
}
