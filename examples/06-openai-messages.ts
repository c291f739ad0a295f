// fal's OpenAI-compatible endpoint takes messages, and every parameter of chat/completions.

import { createFalLlm } from '@fal-llm/core'

const { text, usage } = await createFalLlm().generate({
  endpoint: 'openrouter/router/openai/v1/chat/completions',
  model: 'google/gemini-2.5-flash',
  messages: [
    { role: 'system', content: 'You are a pirate.' },
    { role: 'user', content: 'Hello!' },
    { role: 'assistant', content: 'Ahoy!' },
    { role: 'user', content: 'Where are we going?' },
  ],
  params: { temperature: 1, topP: 0.9, seed: 7 },
})

console.log(text, usage)
