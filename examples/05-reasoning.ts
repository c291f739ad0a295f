// The reasoning comes beside the answer, in events of its own.

import { createFalLlm } from '@fal-llm/core'

const run = createFalLlm().generate({
  model: 'deepseek/deepseek-r1',
  prompt: 'Is 91 a prime number?',
  params: { reasoning: true },
})

for await (const event of run) {
  if (event.type === 'reasoning-delta') process.stderr.write(event.delta)
  if (event.type === 'text-delta') process.stdout.write(event.delta)
}

const { reasoning, text } = await run
console.log(`\n${reasoning.length} characters of thought, ${text.length} of answer`)
