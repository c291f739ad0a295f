// Every other model of fal: the same key and host, through fal's own client.

import { createFalLlm } from '@fal-llm/core'

const fal = await createFalLlm().fal()

const result = await fal.subscribe('openrouter/router', {
  input: { prompt: 'What is the meaning of life?', model: 'google/gemini-2.5-flash' },
  logs: true,
  onQueueUpdate: (update) => console.log(update.status),
})

console.log(result.data.output)
console.log(result.requestId)
