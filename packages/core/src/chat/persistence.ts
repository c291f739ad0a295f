import { FalLlmError } from '../errors.ts'
import { loadPart } from '../load-part.ts'
import type { StoredChat } from './stored-chat.ts'

/** Where conversations are kept. localStorage, unstorage, React Native's AsyncStorage and `indexedDbStorage()` fit as they are. */
export interface ChatStorage {
  getItem(key: string): unknown
  setItem(key: string, value: string): unknown
  removeItem(key: string): unknown
}

/** Reads and writes one conversation. Nothing here throws or rejects: a broken storage is reported and gone without. */
export interface Persistence<Metadata = unknown> {
  /** undefined when nothing is stored, or nothing that can be read; that is then kept under another name. */
  load(): Promise<StoredChat<Metadata> | undefined>
  /** Something changed: it is written within a quarter of a second. */
  touch(): void
  /** Writes what is not written yet; resolves when it is. */
  flush(): Promise<void>
}

/** At most four writes a second. */
const writeEveryMs = 250

// A chat without a storage never carries it.
const loadFormat = () => loadPart(() => import('./stored-chat.ts'))

/** Keeps one conversation in a storage. `look` gives what is to be stored. */
export function createPersistence<M>(
  storage: ChatStorage,
  chatId: string,
  look: () => StoredChat<M>,
  report: (error: FalLlmError) => void,
): Persistence<M> {
  const key = `fal-llm:chat:${chatId}`
  let format: Awaited<ReturnType<typeof loadFormat>> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let dirty = false
  let writing: Promise<void> | undefined
  let failed = false
  /** What is stored could neither be read nor set aside: it must not be written over. */
  let locked = false

  const attempt = async <T>(what: string, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      const result = await work()
      failed = false
      return result
    } catch (cause) {
      // One report per failure, not one per token.
      if (!failed) {
        report(new FalLlmError('storage', `The conversation could not be ${what}`, { cause }))
      }
      failed = true
      return undefined
    }
  }
  const writeAll = async (): Promise<void> => {
    while (dirty && !locked) {
      dirty = false
      await attempt('saved', async () => {
        // Once it is loaded nothing is waited for: the last write of a page that closes is made at once.
        format ??= await loadFormat()
        await storage.setItem(key, format.writeChat(look()))
      })
    }
  }
  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    // One write at a time; what changes meanwhile is written after it.
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    async load() {
      locked = true
      const stored = await attempt('read', async () => {
        const [item, loaded] = await Promise.all([storage.getItem(key), loadFormat()])
        format = loaded
        locked = false
        return item
      })
      if (stored === null || stored === undefined || !format) return undefined
      const chat = format.readChat<M>(stored)
      if (chat) return chat
      locked = true
      await attempt('set aside', async () => {
        const text = typeof stored === 'string' ? stored : JSON.stringify(stored)
        await storage.setItem(`${key}:unreadable:${Date.now()}`, text)
        locked = false
      })
      report(
        new FalLlmError('storage', 'The stored conversation could not be read; it was set aside'),
      )
      return undefined
    },
    touch() {
      dirty = true
      timer ??= setTimeout(() => void flush(), writeEveryMs)
    },
    flush,
  }
}
