import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createFalChat, createFalLlm, listChats } from '@fal-llm/core'
import type { Chat, FalLlm } from '@fal-llm/core'
import type { Settings } from './arguments.ts'
import { defaultDataFolder, openHistory } from './history.ts'

/** A chat, and what it stands on. */
export interface OpenChat {
  readonly chat: Chat
  readonly llm: FalLlm
  /** Whether the conversation is kept on disk. */
  readonly isKept: boolean
  /** Whether it continues an earlier conversation, whose messages are then read. */
  readonly isContinued: boolean
  /** Leaves a queued job running. Resolves when everything is written. */
  close(): Promise<void>
}

/** The pace of the emulator in this process: that of a quick model. */
const emulatorPace = { tokensPerSecond: 80, firstTokenMs: 300 }

/** Opens the conversation that the settings ask for: the last one, or a new one. Sends nothing. */
export async function openChat(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<OpenChat> {
  // Loaded on use: most calls do not need it.
  const emulator = settings.emulator
    ? await (await import('@fal-llm/emulator')).startEmulator(emulatorPace)
    : undefined
  const llm = createFalLlm(emulator ? { baseUrl: emulator.url, credentials: 'emulator:chat' } : {})
  const folder = settings.dataFolder ?? defaultDataFolder(environment)
  // Answers of the emulator do not mix with those of a model.
  const ownFolder = settings.emulator ? join(folder, 'emulator') : folder
  const history = settings.history ? openHistory(ownFolder) : undefined
  const [last] =
    settings.continues && history ? await listChats(history.storage).catch(() => []) : []
  const chat = createFalChat({
    id: last?.id ?? randomUUID(),
    llm,
    params: settings.params,
    // The earlier messages are shown first.
    resume: false,
    ...(history && { storage: history.storage }),
  })
  if (last) await untilRead(chat)
  const close = async (): Promise<void> => {
    await chat.destroy()
    await history?.settled()
    await emulator?.close()
  }
  let closing: Promise<void> | undefined
  return {
    chat,
    llm,
    isKept: history !== undefined,
    isContinued: chat.getState().messages.length > 0,
    close: () => (closing ??= close()),
  }
}

async function untilRead(chat: Chat): Promise<void> {
  let unsubscribe = (): void => {}
  await new Promise<void>((resolve) => {
    unsubscribe = chat.subscribe(({ hydrated }) => hydrated && resolve())
  })
  unsubscribe()
}
