import { createFalChat } from '@fal-llm/core'
import { createScriptedLlm } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { createSettings, toChatOptions } from './settings.ts'
import { createTurns } from './turns.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function openChat() {
  const llm = createScriptedLlm()
  const settings = createSettings({ getItem: () => null, setItem() {} })
  const chat = createFalChat({ ...toChatOptions(settings.getState()), llm, flush: 'sync' })
  const asked = async () => {
    await settled()
    const { endpoint, images } = llm.last.request
    llm.last.say('An answer')
    llm.last.finish()
    await settled()
    return { endpoint: typeof endpoint === 'object' ? endpoint.id : endpoint, images }
  }
  return { chat, turns: createTurns(chat, settings), asked }
}

test('words go to who was chosen, pictures to who looks at them', async () => {
  const { turns, asked } = openChat()
  turns.send('Hello')
  expect(await asked()).toEqual({ endpoint: 'openrouter/router', images: undefined })
  turns.send('What is this?', ['https://v3.fal.media/a.png'])
  expect(await asked()).toEqual({
    endpoint: 'openrouter/router/vision',
    images: ['https://v3.fal.media/a.png'],
  })
})

test('a question that is edited, or answered again, keeps its pictures', async () => {
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
