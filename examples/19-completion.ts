// One-shot completion, as a search box wants it: the latest question wins and stops the one before.

import { createFalCompletion } from '@fal-llm/core'

const completion = createFalCompletion({ model: 'google/gemini-2.5-flash' })

const overtaken = completion.complete('What is a mon')
const result = await completion.complete('What is a monad?')

console.log(await overtaken) // undefined
console.log(result?.text === completion.getState().text)
console.log(result?.text)
