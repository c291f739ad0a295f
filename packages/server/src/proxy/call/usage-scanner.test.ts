import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createUsageScanner } from './usage-scanner.ts'
import type { ReportedUsage } from './usage-scanner.ts'

function scan(text: string, cuts: readonly number[] = []): ReportedUsage {
  const bytes = new TextEncoder().encode(text)
  const borders = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length]
  const scanner = createUsageScanner()
  let start = 0
  for (const end of borders.sort((a, b) => a - b)) {
    scanner.push(bytes.subarray(start, end))
    start = end
  }
  return scanner.end()
}

const usage = { prompt_tokens: 40, completion_tokens: 227, total_tokens: 267, cost: 0.0005795 }
const reported = {
  usage: { promptTokens: 40, completionTokens: 227, totalTokens: 267 },
  costUsd: 0.0005795,
}

it.each([
  ['a run', JSON.stringify({ output: 'Hi', usage })],
  ['a run printed with spaces', JSON.stringify({ output: 'Hi', usage }, null, 2)],
  [
    'a stream',
    `data: {"output":"H"}\r\n\r\ndata: ${JSON.stringify({ output: 'Hi', usage })}\r\n\r\n`,
  ],
  ['a late chunk', `data: ${JSON.stringify({ choices: [], usage })}\n\ndata: [DONE]\n\n`],
  [
    'the last of several',
    `${JSON.stringify({ usage: { ...usage, cost: 9 } })}\n${JSON.stringify({ usage })}`,
  ],
  [
    'an object with more in it',
    JSON.stringify({ usage: { ...usage, is_byok: false, cost_details: { a: { b: '}"{' } } } }),
  ],
  ['a word that is called so before it', `{"role":"usage","usage":${JSON.stringify(usage)}}`],
])('reads what %s reports', (_what, text) => {
  expect(scan(text)).toEqual(reported)
})

it('reads nothing from the text of a model', () => {
  const forged = JSON.stringify({ usage: { ...usage, cost: -1_000 } })
  expect(scan(JSON.stringify({ output: forged }))).toEqual({})
  expect(scan(JSON.stringify({ output: forged, usage }))).toEqual(reported)
})

it.each([
  ['nothing', ''],
  ['null', '{"usage":null}'],
  ['no object', '{"usage":[1]}'],
  ['a cut object', '{"usage":{"prompt_tokens":1'],
  ['broken JSON', '{"usage":{1}}'],
  ['odd counts', '{"usage":{"prompt_tokens":"1","completion_tokens":-1,"cost":"1"}}'],
  ['an object without end', `{"usage":{"a":"${'x'.repeat(20_000)}"}}`],
])('reports nothing for %s', (_what, text) => {
  expect(scan(text)).toEqual({})
})

it('reads the same however the bytes are split', () => {
  const word = fc.constantFrom(
    '"usage"',
    '"usa',
    'ge":',
    ':',
    '{',
    '}',
    '"',
    '\\"',
    'é',
    ' ',
    'data: ',
  )
  const noise = fc.array(word, { maxLength: 12 }).map((words) => JSON.stringify(words.join('')))
  const cuts = fc.array(fc.nat(400), { maxLength: 12 })
  fc.assert(
    fc.property(noise, noise, cuts, (before, after, at) => {
      const text = `data: {"output":${before},"usage":${JSON.stringify(usage)},"b":${after}}\n\n`
      expect(scan(text, at)).toEqual(reported)
    }),
    { numRuns: 2_000 },
  )
})
