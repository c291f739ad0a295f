// A job that is no longer wanted.

import { createFalLlm } from '@fal-llm/core'

const llm = createFalLlm()
const { requestId } = await llm.submit({
  endpoint: 'openrouter/router',
  model: 'google/gemini-2.5-flash',
  prompt: 'Write a very long story.',
})

const outcome = await llm.cancel({ endpoint: 'openrouter/router', requestId })
console.log(outcome) // 'cancelled', 'already-completed' or 'not-found'
