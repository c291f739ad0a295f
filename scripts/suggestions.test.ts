// What the demos and created apps suggest to ask first, asked.

import { createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { suggestions } from '../apps/shared/src/text/suggestions.ts'
import { suggestions as templateSuggestions } from '../packages/create-fal-llm/templates/shared/chat/suggestions.ts'

let emulator: Awaited<ReturnType<typeof startEmulator>>
beforeAll(async () => void (emulator = await startEmulator()))
afterAll(() => emulator.close())

async function ask(prompt: string): Promise<string> {
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'any:key' })
  return (await llm.generate({ model: 'google/gemini-2.5-flash', prompt })).text
}

/** What each title promises, as a pattern of its answer. */
const promises: Readonly<Record<string, RegExp>> = {
  'Explain streaming to a friend': /^[^\n|#-]+\n\n[^\n|#-]+\n\n[^\n|#-]+\n\n\*No model/,
  'Compare three models in a table':
    /^\| .*GPT-4o.*Claude 3\.7 Sonnet.*Gemini 2\.5 Pro.*\|\n\| :---/,
  'Write a debounce in TypeScript': /```ts\nexport function debounce<.*```\n\n.*```ts\n.*```/s,
  'Plan a quiet weekend': /### Saturday\n\n- .*### Sunday\n\n- /s,
}

describe.each(suggestions)('“$title”', ({ title, prompt }) => {
  test('answers on the emulator with what it promises', async () => {
    expect(await ask(prompt)).toMatch(promises[title] ?? /no promise is known/)
  })

  test('says in one line at its end that no model was asked', async () => {
    const text = await ask(prompt)
    expect(text.split('\n').at(-1)).toBe(
      '*No model was asked: the emulator had this answer ready.*',
    )
    expect(text.match(/emulator/g)).toHaveLength(1)
  })
})

test('a question that is like a suggestion in part is told what arrived', async () => {
  for (const prompt of [
    'Plan my taxes',
    'Compare apples and pears',
    'Where does the river stream?',
  ]) {
    expect(await ask(prompt)).toContain('## The emulator answers')
  }
})

test('what went wrong by command goes wrong all the same', async () => {
  expect(await ask('/echo Write a debounce')).toBe('Write a debounce')
})

test('created apps suggest what the demos do', () => {
  expect(templateSuggestions).toEqual(suggestions)
})
