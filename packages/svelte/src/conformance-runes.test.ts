import { describeBinding } from '@fal-llm/testkit/binding-conformance'
import { mountPage } from '../test/mount-page.ts'
import { paintedOnServer } from '../test/painted-on-server.ts'
import ChatPage from '../test/runes/chat-page.svelte'
import CompletionPage from '../test/runes/completion-page.svelte'

describeBinding('Svelte 5 runes', {
  mountChat: mountPage(ChatPage),
  mountCompletion: mountPage(CompletionPage),
  renderOnServer: async () => paintedOnServer.svelte5,
  hydrateChat: mountPage(ChatPage, true),
})
