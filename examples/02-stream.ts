// The text as it comes. A run is iterated, awaited, or both.

import { createFalLlm } from '@fal-llm/core'

const run = createFalLlm().generate({
  model: 'google/gemini-2.5-flash',
  prompt: 'Write a short story about an AI that learns to dream.',
})

for await (const delta of run.textStream) process.stdout.write(delta)

const { timing, finishReason } = await run
console.log(`\n${finishReason}: the first token came after ${timing.firstTokenMs} ms`)
