// No wait is without end, and every answer can be stopped.

import { createFalLlm, FalLlmError } from '@fal-llm/core'

const llm = createFalLlm({ timeouts: { firstTokenMs: 20_000, idleMs: 10_000 } })
const model = 'google/gemini-2.5-flash'

// Leaving the loop stops the run: the connection closes, and nothing more is billed.
let text = ''
for await (const delta of llm.generate({ model, prompt: 'Count to 1000.' }).textStream) {
  text += delta
  if (text.length > 20) break
}
console.log(`read ${text.length} characters, then left`)

// An AbortSignal does the same; so does a time limit for the whole answer.
const outcome = await llm
  .generate({ model, prompt: 'Count to 1000.', timeouts: { totalMs: 1 } })
  .then(undefined, (error: unknown) => error)
console.log(outcome instanceof FalLlmError ? outcome.code : 'faster than light')
