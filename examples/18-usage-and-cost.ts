// What a conversation used, summed exactly; what fal did not report is marked as an estimate.

import { createFalChat } from '@fal-llm/core'

const chat = createFalChat({ model: 'google/gemini-2.5-flash' })
await chat.send('Name a colour.')
await chat.send('And a fruit?', { model: 'openai/gpt-4o' })

const { usage } = chat.getState()
for (const [model, { totalTokens, costUsd, estimated }] of Object.entries(usage.byModel)) {
  console.log(`${model}: ${estimated ? '≈ ' : ''}${totalTokens} tokens, $${costUsd ?? '?'}`)
}
console.log(`${usage.turns} answers, $${usage.costUsd}`)
