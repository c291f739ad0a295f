import { createFalChat, FalLlmError } from '@fal-llm/core'
import type { TakenBackSend } from '@fal-llm/core'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { createSettings, toChatOptions } from '../stores/settings.ts'
import { createTurns } from './turns.ts'

function openChat() {
  const llm = createScriptedLlm()
  const settings = createSettings({ getItem: () => null, setItem() {} })
  const chat = createFalChat({ ...toChatOptions(settings.getState()), llm, flush: 'sync' })
  const putBack: TakenBackSend[] = []
  const turns = createTurns(chat, { settings, putBack: (taken) => putBack.push(taken) })
  const asked = async () => {
    await settled()
    const { endpoint, images, model } = llm.last.request
    llm.last.addText('An answer')
    llm.last.finish()
    await settled()
    return { endpoint: typeof endpoint === 'object' ? endpoint.id : endpoint, images, model }
  }
  return { llm, chat, settings, turns, putBack, asked }
}

test('words go to who was chosen, images to who looks at them', async () => {
  const { turns, asked } = openChat()
  turns.send('Hello')
  expect(await asked()).toMatchObject({ endpoint: 'openrouter/router', images: undefined })
  turns.send('What is this?', ['https://v3.fal.media/a.png'])
  expect(await asked()).toMatchObject({
    endpoint: 'openrouter/router/vision',
    images: ['https://v3.fal.media/a.png'],
  })
})

test('a question that is edited, or answered again, keeps its images', async () => {
  const { chat, turns, asked } = openChat()
  turns.send('What is this?', ['https://v3.fal.media/a.png'])
  const first = await asked()
  const [question, answer] = chat.getState().messages
  if (!question || !answer) throw new Error('There is no turn')
  turns.regenerate(answer)
  expect(await asked()).toEqual(first)
  turns.edit(question, 'And what is behind it?')
  expect(await asked()).toEqual(first)
  expect(chat.getState().messages[0]).toMatchObject({
    text: 'And what is behind it?',
    branch: { index: 1, count: 2 },
  })
})

test('asks again who is chosen now, not who was asked before', async () => {
  const { chat, settings, turns, asked } = openChat()
  turns.send('Hello')
  await asked()
  settings.pickModel('openai/gpt-4o')
  const answer = chat.getState().messages.at(-1)
  if (!answer) throw new Error('There is no answer')
  turns.regenerate(answer)
  expect(await asked()).toMatchObject({ endpoint: 'openrouter/router', model: 'openai/gpt-4o' })
  settings.pickEndpoint('fal-ai/any-llm')
  turns.regenerate(answer)
  expect(await asked()).toMatchObject({ endpoint: 'fal-ai/any-llm', model: 'openai/gpt-4o' })
})

test('a failed answer is tried again with who is chosen now', async () => {
  const { llm, chat, settings, turns, asked } = openChat()
  turns.send('Hello')
  await settled()
  llm.last.fail(new FalLlmError('not-found', 'Unknown model'))
  await settled()
  settings.pickModel('openai/gpt-4o')
  const answer = chat.getState().messages.at(-1)
  if (!answer) throw new Error('There is no answer')
  turns.retry(answer)
  expect(await asked()).toMatchObject({ model: 'openai/gpt-4o' })
})

test('a waiting message that is taken back is handed over, once', async () => {
  const { chat, turns, putBack } = openChat()
  turns.send('Hello')
  await settled()
  turns.send('What is this?', ['https://v3.fal.media/a.png'])
  const [waiting] = chat.getState().queued
  if (!waiting) throw new Error('Nothing waits')
  turns.takeBack(waiting.id)
  turns.takeBack(waiting.id)
  await settled()
  expect(putBack).toMatchObject([{ text: 'What is this?', images: ['https://v3.fal.media/a.png'] }])
  expect(chat.getState().queued).toEqual([])
})
