// What waits, visibly: a turn sent while an answer is written, a stop, a turn taken back, a conversation as text.

import { createFalChat, readChat } from '@fal-llm/core'

const chat = createFalChat({ model: 'google/gemini-2.5-flash', system: 'Answer briefly.' })
chat.append({ role: 'assistant', text: 'Hello! What would you like to know?' }) // asks nothing

const first = chat.send('What is the meaning of life?')
const second = chat.send('And of a chat?')
second.catch(({ code }) => console.log(code))
await chat.stop()
console.log((await first).status)

const { queued, paused } = chat.getState()
console.log(
  queued.map(({ text }) => text),
  paused,
)
const { text } = await chat.cancelQueued(queued[0]?.id ?? '') // back into the field it goes
console.log(text)

const answer = await chat.send(`${text} Briefly.`)
chat.update(answer.id, { metadata: { liked: true } })
chat.rename('Of meaning')

const copy = createFalChat({ from: readChat(JSON.stringify(chat.toJSON())) })
const { title, messages } = copy.getState()
console.log(title, messages.length, messages.at(-1)?.metadata)
