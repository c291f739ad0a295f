import type { FalLlm } from '@fal-llm/core'
import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { mount, unmount } from 'svelte'
import { expect, test } from 'vitest'
import LlmAbove from '../test/llm-above.svelte'
import LlmBelow from '../test/llm-below.svelte'
import { createFalChat, getFalLlm } from './index.ts'
import type { FalChatStores } from './index.ts'

test('a component uses the client that one above it gives', async () => {
  const llm = createScriptedLlm()
  let found: FalLlm | undefined
  let chat: FalChatStores | undefined
  const received = (...given: [FalLlm, FalChatStores]): void => {
    ;[found, chat] = given
  }
  const app = mount(LlmAbove, { target: document.body, props: { llm, received } })
  void chat?.send('Hello')
  await settled()
  expect(found).toBe(llm)
  expect(llm.last.request.prompt).toBe('Hello')
  await unmount(app)
})

test('without one, and outside a component, there is a client of its own', async () => {
  let found: FalLlm | undefined
  const app = mount(LlmBelow, {
    target: document.body,
    props: { received: (llm: FalLlm) => void (found = llm) },
  })
  expect(found).toHaveProperty('generate')
  expect(getFalLlm()).toHaveProperty('generate')
  expect(createFalChat().chat.getState().status).toBe('ready')
  await unmount(app)
})
