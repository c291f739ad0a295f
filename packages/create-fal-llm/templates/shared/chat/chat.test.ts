import { createFalChat, createFalLlm } from '@fal-llm/core'
import { startEmulator } from '@fal-llm/emulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeAnswer, describeEnding } from './describe-answer'
import { models, nameOf } from './models'
import { suggestions } from './suggestions'

// fal, played on this machine: no key, no network, no bill.
let emulator: Awaited<ReturnType<typeof startEmulator>>
beforeAll(async () => void (emulator = await startEmulator()))
afterAll(() => emulator.close())

function openChat(model: (typeof models)[number]['id'] = models[0].id) {
  const llm = createFalLlm({ baseUrl: emulator.url, credentials: 'any:key' })
  return createFalChat({ llm, model })
}

test.each(models)('$name answers', async ({ id, name }) => {
  const answer = await openChat(id).send('Hello')
  expect(answer.status).toBe('done')
  expect(answer.text).not.toBe('')
  expect(nameOf(answer.model)).toBe(name)
  expect(describeAnswer(answer)).toContain(name)
})

test.each(suggestions)('an answer to “$title” grows on the screen', async ({ prompt }) => {
  const chat = openChat()
  const lengths = new Set<number>()
  chat.subscribe(({ messages }) => void lengths.add(messages.at(-1)?.text.length ?? 0))
  const answer = await chat.send(prompt)
  expect(answer.status).toBe('done')
  expect(lengths).toContain(answer.text.length)
})

test('a failure is shown, and a second try answers', async () => {
  emulator.faults.add({
    match: { call: 'stream' },
    fault: { type: 'error', message: 'Provider returned error', afterEvents: 1 },
  })
  const chat = openChat()
  const failed = await chat.send('Write a typed debounce function in TypeScript')
  expect(failed.error?.message).toContain('Provider returned error')
  expect(describeEnding(failed)).toBe('Failed before its end.')
  const retried = await chat.retry()
  expect(retried?.status).toBe('done')
  expect(chat.getState().messages.at(-1)?.text).toBe(retried?.text)
})

test('a stopped answer keeps its words', async () => {
  const chat = openChat()
  const sent = chat.send('/long 500\n/speed 50')
  await new Promise<void>((resolve) => {
    chat.subscribe(
      ({ messages }) => messages.at(-1)?.role === 'assistant' && messages.at(-1)?.text && resolve(),
    )
  })
  await chat.stop()
  const answer = await sent
  expect(answer.text).not.toBe('')
  expect(describeEnding(answer)).toBe('Stopped.')
})
