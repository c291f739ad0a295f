// One error class with a closed set of codes. What had arrived is not lost.

import { createFalLlm, FalLlmError } from '@fal-llm/core'

const llm = createFalLlm()

try {
  await llm.generate({
    model: 'google/gemini-2.5-flash',
    prompt: 'Be creative.',
    params: { temperature: 3, maxTokens: 0 },
  })
} catch (error) {
  if (!(error instanceof FalLlmError)) throw error
  console.log(error.code, error.retryable)
  for (const { path, message } of error.issues) console.log(`${path}: ${message}`)
  console.log(`had so far: "${error.partial?.text ?? ''}"`)
}
