import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { expect, test } from 'vitest'
import { createChat } from '../create-chat.ts'
import { createChatOwner } from './own-chat.ts'
import type { ChatSource } from './own-chat.ts'

test('an own chat is made once, with the defaults where the options do not say', () => {
  const owner = createChatOwner({ id: 'default', llm: createScriptedLlm() })
  const chat = owner.chatOf({})
  expect(chat.id).toBe('default')
  expect(owner.chatOf({ id: 'another' })).toBe(chat)
})

test('a given chat is handed back, and keeps its options', async () => {
  const llm = createScriptedLlm()
  const chat = createChat({ id: 'given', llm, model: 'its/model' })
  const owner = createChatOwner({ id: 'default', llm: createScriptedLlm() })
  expect(owner.chatOf({ chat })).toBe(chat)
  owner.follow({ chat }, undefined)
  void chat.send('Hello')
  await settled()
  expect(chat.id).toBe('given')
  expect(llm.last.request.model).toBe('its/model')
})

test('rule 16: an id that is left out again opens the default conversation', () => {
  const owner = createChatOwner({ id: 'default', llm: createScriptedLlm() })
  const chat = owner.chatOf({ id: 'another' })
  expect(chat.id).toBe('another')
  owner.follow({}, undefined)
  expect(chat.id).toBe('default')
})

test.each([
  { whose: 'own', onLeave: undefined, ending: 'stopped' },
  { whose: 'own', onLeave: 'stop', ending: 'stopped' },
  { whose: 'own', onLeave: 'detach', ending: 'detached' },
  { whose: 'given', onLeave: undefined, ending: 'running' },
  { whose: 'given', onLeave: 'stop', ending: 'stopped' },
  { whose: 'given', onLeave: 'detach', ending: 'detached' },
] as const)('leaving $whose chat with $onLeave: its answer is $ending', async (row) => {
  const llm = createScriptedLlm()
  const owner = createChatOwner({ llm })
  const source: ChatSource = row.whose === 'given' ? { chat: createChat({ llm }) } : {}
  const chat = owner.chatOf(source)
  owner.follow(source, row.onLeave)
  void chat.send('Hello')
  await settled()
  owner.release(chat)
  await settled()
  expect(llm.last.state).toBe(row.ending)
})
