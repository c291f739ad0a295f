import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { chatCommands } from './chat-commands.ts'
import { createChat } from '../create-chat.ts'

test('commands go to the chat that is there when they are called, with all they are given', async () => {
  const llm = createScriptedLlm()
  const first = createChat({ llm })
  const second = createChat({ llm })
  let current = first
  const { send } = chatCommands(() => current)
  void send('To the first')
  current = second
  void send('To the second', { model: 'its/model' })
  await settled()
  expect(first.getState().messages[0]?.text).toBe('To the first')
  expect(second.getState().messages[0]?.text).toBe('To the second')
  expect(llm.last.request.model).toBe('its/model')
})

test('every command is on the chat', () => {
  const chat = createChat({ llm: createScriptedLlm() })
  const names = Object.keys(chatCommands(() => chat))
  expect(names).toHaveLength(19)
  expect(chat).toMatchObject(Object.fromEntries(names.map((name) => [name, expect.any(Function)])))
})
