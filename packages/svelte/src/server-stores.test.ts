// @vitest-environment node
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import * as svelte from 'svelte'
import { get } from 'svelte/store'
import { expect, test } from 'vitest'
import { paintOnServer } from '../test/paint-on-server.ts'
import { paintedOnServer } from '../test/painted-on-server.ts'
import ChatPage from '../test/stores/chat-page.svelte'
import { createFalChat } from './index.ts'

const expected = paintedOnServer['mount' in svelte ? 'svelte5' : 'svelte4']

test('rule 17: on a server a page asks and reads nothing', async () => {
  expect(await paintOnServer(ChatPage)).toEqual({ html: expected, requests: 0, reads: 0 })
})

test('a server paints the messages that it is given', async () => {
  const question = {
    id: 'question',
    role: 'user',
    parts: [{ type: 'text', text: 'Hello' }],
    text: 'Hello',
    reasoning: '',
    status: 'done',
    error: undefined,
    createdAt: 0,
    parentId: null,
    branch: { index: 0, count: 1 },
  } as const
  const { html } = await paintOnServer(ChatPage, { messages: [question] })
  expect(html).toContain('>Hello</p>')
})

test('outside a component the stores work without a page, too', async () => {
  const llm = createScriptedLlm()
  const { status, send } = createFalChat({ llm, flush: 'sync' })
  const heard: string[] = []
  const unsubscribe = status.subscribe((next) => void heard.push(next))
  void send('Hello')
  await settled()
  llm.last.finish()
  await settled()
  unsubscribe()
  expect(heard).toEqual(['ready', 'submitted', 'ready'])
  expect(get(status)).toBe('ready')
})
