import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createFalChat, createFalLlm } from '@fal-llm/core'
import type { Chat, FalLlm } from '@fal-llm/core'
import type { Settings } from './arguments.ts'
import { defaultDataFolder } from './history/data-folder.ts'
import { openHistory } from './history/open-history.ts'
import type { History } from './history/open-history.ts'

/** A conversation, and what it stands on. */
export interface OpenChat {
  readonly chat: Chat
  readonly llm: FalLlm
  /** undefined when nothing is kept. */
  readonly history: History | undefined
  /** Whether it was held before; then its messages are there already. */
  readonly goesOn: boolean
  /** Leaves a queued job running; resolves when everything is written. */
  close(): Promise<void>
}

/** How the emulator in this process talks: as a quick model does. */
const emulatorPace = { tokensPerSecond: 80, firstTokenMs: 300 }

/** Opens the conversation the settings ask for: the last one, or a new one. Nothing is sent. */
export async function openChat(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OpenChat> {
  const emulator = settings.emulator ? await startEmulator() : undefined
  const llm = createFalLlm(emulator ? { baseUrl: emulator.url, credentials: 'emulator:chat' } : {})
  const history = settings.history ? openHistory(dataFolderOf(settings, environment)) : undefined
  const lastId = settings.continues ? await history?.lastId() : undefined
  const chat = createFalChat({
    id: lastId ?? randomUUID(),
    llm,
    params: settings.params,
    // Someone may want to see what was said before, first.
    resume: false,
    ...(history && { storage: history.storage }),
  })
  if (lastId !== undefined) await untilRead(chat)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await chat.destroy()
    await history?.settled()
    await emulator?.close()
  }
  return {
    chat,
    llm,
    history,
    goesOn: chat.getState().messages.length > 0,
    close() {
      closing ??= close()
      return closing
    },
  }
}

async function untilRead(chat: Chat): Promise<void> {
  let unsubscribe = (): void => {}
  await new Promise<void>((resolve) => {
    unsubscribe = chat.subscribe(({ hydrated }) => {
      if (hydrated) resolve()
    })
  })
  unsubscribe()
}

// Loaded only where it is asked for: most calls never need it.
async function startEmulator(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const emulator = await import('@fal-llm/emulator')
  return emulator.startEmulator(emulatorPace)
}

/** What the emulator said does not mix with what a model said. */
function dataFolderOf(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const folder = settings.dataFolder ?? defaultDataFolder(environment)
  return settings.emulator ? join(folder, 'emulator') : folder
}
