// What each endpoint takes is data and types: a wrong model or parameter does not compile.

import { createFalLlm, endpoints } from '@fal-llm/core'

const anyLlm = endpoints['fal-ai/any-llm']
for (const { id, premium } of anyLlm.models) console.log(premium ? `${id} (10x)` : id)

const { text, model } = await createFalLlm().generate({
  endpoint: 'fal-ai/any-llm',
  model: 'meta-llama/llama-4-maverick',
  prompt: 'Name a colour.',
  params: { temperature: 0.2, maxTokens: 20, priority: 'throughput' },
})
console.log(`${model}: ${text}`)
