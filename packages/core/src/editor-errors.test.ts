// What an editor says about a wrong call, asked of the compiler itself: it names what is wrong, in few words.

import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, test } from 'vitest'

const file = fileURLToPath(new URL('editor-errors.fixture.ts', import.meta.url))
const configFile = fileURLToPath(new URL('../tsconfig.tests.json', import.meta.url))

const calls: readonly (readonly [call: string, says: RegExp])[] = [
  [`llm.generate({ prompt })`, /Property 'model' is missing/],
  [`llm.generate({ model, prompt, params: { tempratur: 1 } })`, /mean to write 'temperature'\?$/],
  [
    `llm.generate({ endpoint: 'fal-ai/any-llm/enterprise', prompt, params: { temperature: 1 } })`,
    /'temperature' does not exist in type 'EnterpriseParams'/,
  ],
  [
    `llm.generate({ model, prompt, params: { temperature: '1' } })`,
    /not assignable to type 'number'/,
  ],
  [
    `llm.generate({ endpoint: 'fal-ai/any-llm/enterprise', prompt, mode: 'stream' })`,
    /^Type '"stream"' is not assignable to type '"queue" \| "run"/,
  ],
  [`llm.generate({ endpoint: 'openrouter/ruter', model, prompt })`, /"openrouter\/ruter"/],
  [`llm.generate({ model, promt: 'hi' })`, /mean to write 'prompt'\?$/],
  [`createFalChat({ params: { tempratur: 1 } })`, /mean to write 'temperature'\?$/],
  [`createFalChat({ endpoint: 'fal-ai/any-llm/enterprise', mode: 'stream' })`, /^Type '"stream"'/],
]

/** The longest message that is still read rather than skipped. */
const maxCharacters = 240

test('an editor names what is wrong with a call, shortly', () => {
  const messages = compile([
    `import { createFalChat, createFalLlm } from './index.ts'`,
    `const llm = createFalLlm(), model = 'a/b', prompt = 'hi'`,
    ...calls.map(([call]) => call),
  ])
  const said = calls.map(([call], index) => [call, messages.get(index + 2) ?? ''] as const)
  for (const [index, [call, message]] of said.entries()) {
    expect.soft(message, call).toMatch(calls[index]?.[1] ?? /^$/)
    expect.soft(message.length, message).toBeLessThan(maxCharacters)
  }
})

/** What the compiler says of each line. */
function compile(lines: readonly string[]): ReadonlyMap<number, string> {
  const { config } = ts.readConfigFile(configFile, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(
    config,
    ts.sys,
    fileURLToPath(new URL('..', import.meta.url)),
  )
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists } = host
  const source = ts.createSourceFile(file, lines.join('\n'), ts.ScriptTarget.ES2022)
  host.getSourceFile = (name, ...more) =>
    name === file ? source : getSourceFile.call(host, name, ...more)
  host.fileExists = (name) => name === file || fileExists.call(host, name)
  const program = ts.createProgram([file], options, host)
  const found = program.getSemanticDiagnostics(program.getSourceFile(file))
  return new Map(
    found.map(({ start = 0, messageText }) => [
      source.getLineAndCharacterOfPosition(start).line,
      ts.flattenDiagnosticMessageText(messageText, '\n'),
    ]),
  )
}
