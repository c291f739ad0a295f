// An answer that survives a crash: it goes through the queue, and its id is stored before anyone sees it queued.

import { createFalChat } from '@fal-llm/core'
import type { ChatStorage } from '@fal-llm/core'

const entries = new Map<string, string>() // on a disk or in a database, in real life
const storage: ChatStorage = {
  getItem: (key) => entries.get(key) ?? null,
  setItem: (key, value) => entries.set(key, value),
  removeItem: (key) => entries.delete(key),
}
const options = { id: 'one', model: 'google/gemini-2.5-flash', mode: 'durable', storage } as const

const chat = createFalChat(options)
const queued = new Promise<void>((resolve) => {
  chat.subscribe(({ status }) => status === 'queued' && resolve())
})
void chat.send('What is the meaning of life?')
await queued
chat.destroy() // the process dies; the job goes on

const answer = await createFalChat(options).resume()
console.log(answer?.status, answer?.text)
