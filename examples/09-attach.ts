// Submit here, fetch the answer there: any process can join a job by its id.

import { createFalLlm } from '@fal-llm/core'

const { requestId, endpoint } = await createFalLlm().submit({
  model: 'google/gemini-2.5-flash',
  prompt: 'What is the meaning of life?',
})
console.log(`submitted ${requestId} to ${endpoint}`)

// Later, elsewhere, with nothing but the id:
const { text } = await createFalLlm().attach({ endpoint: 'openrouter/router', requestId })
console.log(text)
