// Every TypeScript block of the guides compiles. The first block of a page is what the others go on from.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = ['chat', 'durable-chats', 'errors', 'streaming']

/** A page as one module: imports come first, each block after the first has a scope of its own. */
function moduleOf(page: string): string {
  const text = readFileSync(join(root, `docs/${page}.md`), 'utf8')
  const blocks = Array.from(text.matchAll(/^```ts\n(.*?)^```$/gms), ([, code = '']) => code)
  const imports = new Set<string>()
  const bodies = blocks.map((code) =>
    code.replaceAll(/^import .*\n/gm, (line) => {
      imports.add(line)
      return ''
    }),
  )
  const [first = '', ...others] = bodies
  const scopes = others.map((body) => `{\n${body}}\n`)
  return [...imports, 'export {}\n', first, ...scopes].join('')
}

test('rule 32: the code of the guides compiles', { timeout: 120_000 }, () => {
  // Beside the examples, which have all packages at hand.
  const sources = new Map(
    pages.map((page) => [join(root, `examples/guide-${page}.ts`), moduleOf(page)]),
  )
  const configFile = join(root, 'examples/tsconfig.json')
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(configFile, ts.sys.readFile).config,
    ts.sys,
    join(root, 'examples'),
  )
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
  const complaints = ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 0
    const text = file?.text.split('\n')[line - 1]
    return `${ts.flattenDiagnosticMessageText(messageText, '\n')}\n  in: ${text}`
  })
  expect([...sources.values()].every((source) => source.length > 200)).toBe(true)
  expect(complaints).toEqual([])
})
