// One question, one answer.

import { createFalLlm } from '@fal-llm/core'

// Reads FAL_KEY; with FAL_BASE_URL it asks another host, such as the emulator.
const llm = createFalLlm()

const { text, usage } = await llm.generate({
  model: 'google/gemini-2.5-flash',
  prompt: 'What is the meaning of life?',
})

console.log(text)
console.log(`${usage.totalTokens} tokens, $${usage.costUsd}`)
