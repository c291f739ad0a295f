// A process that can be killed: it sends one durable turn, or goes on with the one it finds in the folder, and prints
// what a screen would show, a line per change.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFalChat } from '@fal-llm/core'
import type { ChatStorage } from '@fal-llm/core'

const [folder = '', prompt = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const fileOf = (key: string): string => join(folder, encodeURIComponent(key))

/** Written whole or not at all, as a real store does. */
const storage: ChatStorage = {
  getItem(key) {
    try {
      return readFileSync(fileOf(key), 'utf8')
    } catch {
      return null
    }
  },
  setItem(key, value) {
    writeFileSync(`${fileOf(key)}.new`, value)
    renameSync(`${fileOf(key)}.new`, fileOf(key))
  },
  removeItem: (key) => rmSync(fileOf(key), { force: true }),
}

const chat = createFalChat({
  id: 'turn',
  storage,
  mode: 'durable',
  endpoint: 'fal-ai/any-llm/enterprise',
})
chat.subscribe(({ status, messages }) => {
  const answer = messages.at(-1)
  console.log(
    JSON.stringify({
      status,
      queue: answer?.queue,
      text: answer?.text,
      ending: answer?.status,
      requestId: answer?.requestId,
    }),
  )
})
const answer = prompt ? await chat.send(prompt) : await chat.resume()
console.log(
  JSON.stringify({
    answer: answer && { status: answer.status, text: answer.text, requestId: answer.requestId },
  }),
)
chat.destroy()
