import { describeBinding } from '@fal-llm/testkit/binding-conformance'
import { isSvelte5, mountPage } from '../test/mount-page.ts'
import { paintedOnServer } from '../test/painted-on-server.ts'
import ChatPage from '../test/stores/chat-page.svelte'
import CompletionPage from '../test/stores/completion-page.svelte'

describeBinding(`Svelte ${isSvelte5 ? 5 : 4} stores`, {
  mountChat: mountPage(ChatPage),
  mountCompletion: mountPage(CompletionPage),
  renderOnServer: async () => paintedOnServer[isSvelte5 ? 'svelte5' : 'svelte4'],
  hydrateChat: mountPage(ChatPage, true),
})
