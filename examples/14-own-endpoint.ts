// Your own fal app, if it speaks the same shapes, with everything else as it is.

import { createFalLlm, defineEndpoint, endpoints } from '@fal-llm/core'

const myLlm = defineEndpoint({
  ...endpoints['openrouter/router'],
  id: 'my-team/my-llm',
  models: [{ id: 'my-team/large', vendor: 'my-team', premium: false, isDefault: true }],
  modelsAreOpen: false,
  documentation: 'https://fal.ai/models/my-team/my-llm',
})

const { text } = await createFalLlm().generate({
  endpoint: myLlm,
  model: 'my-team/large',
  prompt: 'Who are you?',
})
console.log(text)
