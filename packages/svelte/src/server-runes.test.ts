// @vitest-environment node
import { expect, test } from 'vitest'
import { paintOnServer } from '../test/paint-on-server.ts'
import { paintedOnServer } from '../test/painted-on-server.ts'
import ChatPage from '../test/runes/chat-page.svelte'

test('rule 17: on a server a page asks and reads nothing', async () => {
  expect(await paintOnServer(ChatPage)).toEqual({
    html: paintedOnServer.svelte5,
    requests: 0,
    reads: 0,
  })
})
