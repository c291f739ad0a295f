// A conversation that goes on after a restart: run this twice. Any getItem/setItem/removeItem will do, unstorage as it is.

import { createFalChat } from '@fal-llm/core'
import { createStorage } from 'unstorage'
import fsDriver from 'unstorage/drivers/fs-lite'

const folder = process.argv[2] ?? './conversations'
const chat = createFalChat({
  id: 'ada',
  model: 'google/gemini-2.5-flash',
  storage: createStorage({ driver: fsDriver({ base: folder }) }),
})

await chat.resume() // reads what is stored
console.log(`${chat.getState().messages.length} messages so far`)

const answer = await chat.send('Do you remember me?')
console.log(answer.text)
