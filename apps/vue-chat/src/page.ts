import { createAttachments } from '@fal-llm/app-shared/stores/attachments'
import { createConversations } from '@fal-llm/app-shared/stores/conversations'
import { createDemoLlm } from '@fal-llm/app-shared/llm/demo-llm'
import { createDraft } from '@fal-llm/app-shared/stores/draft'
import { createDropTarget } from '@fal-llm/app-shared/dom/drop-target'
import { createOnlineStatus } from '@fal-llm/app-shared/dom/online-status'
import { createSettings } from '@fal-llm/app-shared/stores/settings'
import { createThemeSwitch } from '@fal-llm/app-shared/stores/theme'
import { indexedDbStorage } from '@fal-llm/vue'

// There is one page: what it has one of is made here, once.

/** Calls fal, or the emulator, through the page's proxy. */
export const llm = createDemoLlm()
/** The model the reader chose, and how it answers. */
export const settings = createSettings()
/** The list of conversations and which one is open. */
export const conversations = createConversations({ storage: indexedDbStorage() })
/** The images of the message being written. */
export const attachments = createAttachments({ upload: llm.upload })
/** The text of the message being written. */
export const draft = createDraft(attachments)
/** The whole page takes files that are dropped on it. */
export const dropTarget = createDropTarget(attachments.add)
/** Whether there is a network. */
export const online = createOnlineStatus()
/** Light or dark. */
export const theme = createThemeSwitch()
