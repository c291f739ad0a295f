// A process that can be killed: a durable chat over a folder, driven by lines of JSON, `["send", "text"]`, and
// printing what a screen would show, a line per change. With "ending" as its second word it dies, as by `kill -9`, before
// it stores that an answer has ended.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createFalChat } from '@fal-llm/core'
import type { ChatStorage } from '@fal-llm/core'

const [folder = '', dieBefore = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const fileOf = (key: string): string => join(folder, encodeURIComponent(key))
const print = (line: object): void => console.log(JSON.stringify(line))

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
    if (dieBefore === 'ending' && holdsEndedAnswer(value)) process.kill(process.pid, 'SIGKILL')
    writeFileSync(`${fileOf(key)}.new`, value)
    renameSync(`${fileOf(key)}.new`, fileOf(key))
    print({ stored: value })
  },
  removeItem: (key) => rmSync(fileOf(key), { force: true }),
  // Without a list of its own every value that is stored is a part of the conversation.
  keys: () => [],
}

function holdsEndedAnswer(value: string): boolean {
  // It is what the chat has written.
  const { messages } = JSON.parse(value) as {
    messages: Record<string, { body: { role: string; ended: boolean } }>
  }
  return Object.values(messages).some(({ body }) => body.role === 'assistant' && body.ended)
}

const chat = createFalChat({
  id: 'turn',
  storage,
  mode: 'durable',
  endpoint: 'fal-ai/any-llm/enterprise',
})
createInterface({ input: process.stdin }).on('line', (line) => {
  // The test writes names of commands and what they take.
  const [name, ...inputs] = JSON.parse(line) as [keyof typeof commands, ...string[]]
  commands[name](inputs[0] ?? '')
})
const commands = {
  send: (text: string) => void chat.send(text),
  detach: () => chat.detach(),
  sendQueuedNow: (id: string) => void chat.sendQueuedNow(id),
  look: () =>
    void chat.subscribe(({ status, messages, queued, paused }) =>
      print({
        status,
        messages: messages.map((message) => ({
          text: message.text,
          status: message.status,
          requestId: message.requestId,
        })),
        queued: queued.map(({ id, text }) => ({ id, text })),
        paused,
      }),
    ),
}
