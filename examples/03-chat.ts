// A conversation: the chat remembers the turns, and publishes its state while an answer grows.

import { createFalChat } from '@fal-llm/core'

const chat = createFalChat({ model: 'google/gemini-2.5-flash', system: 'Answer briefly.' })

const unsubscribe = chat.subscribe(({ status, messages }) => {
  console.log(status, messages.length)
})

await chat.send('My name is Ada.')
const answer = await chat.send('What is my name?')
unsubscribe()

console.log(answer.status, answer.text)
