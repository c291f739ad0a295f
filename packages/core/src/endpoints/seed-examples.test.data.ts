import type { EndpointId } from './endpoint-map.ts'

const story =
  'Write a short story (under 200 words) about an AI that learns to dream. Use vivid sensory details and end with a surprising twist that makes the reader feel both awe and melancholy.'
const tiger =
  'https://fal.media/files/tiger/4Ew1xYW6oZCs6STQVC7V8_86440216d0fe42e4b826d03a2121468e.jpg'
const caption = 'Caption this image for a text-to-image model with as much detail as possible.'
const onlyAnswer =
  "Only answer the question, do not provide any additional information or add any prefix/suffix other than the answer of the original question. Don't use markdown."
const subjective = {
  output: 'The meaning of life is subjective and depends on individual perspectives.',
}
const messages = [
  { role: 'system', content: onlyAnswer },
  {
    role: 'user',
    content: [
      { type: 'text', text: caption },
      { type: 'image_url', image_url: tiger },
    ],
  },
]

/** The inputs on fal's pages, word for word (seeds 000–004). */
export const seedInputs: readonly (readonly [
  seed: string,
  endpoint: EndpointId,
  input: Readonly<Record<string, unknown>>,
])[] = [
  ['000 required', 'fal-ai/any-llm/enterprise', { prompt: 'What is the meaning of life?' }],
  [
    '000 full',
    'fal-ai/any-llm/enterprise',
    {
      prompt: 'What is the meaning of life?',
      priority: 'latency',
      model: 'google/gemini-2.0-flash-001',
    },
  ],
  ['001 required', 'fal-ai/any-llm', { prompt: 'What is the meaning of life?' }],
  [
    '001 full',
    'fal-ai/any-llm',
    {
      prompt: 'What is the meaning of life?',
      priority: 'latency',
      model: 'google/gemini-2.5-flash',
    },
  ],
  [
    '002',
    'fal-ai/any-llm',
    { model: 'google/gemini-flash-1.5', prompt: 'What is the meaning of life?' },
  ],
  ['003 client', 'openrouter/router', { prompt: story, model: 'google/gemini-2.5-flash' }],
  [
    '003 full',
    'openrouter/router',
    { prompt: story, model: 'google/gemini-2.5-flash', temperature: 1 },
  ],
  [
    '004 client',
    'openrouter/router/vision',
    { image_urls: [tiger], prompt: caption, model: 'google/gemini-2.5-flash' },
  ],
  [
    '004 full',
    'openrouter/router/vision',
    {
      image_urls: [tiger],
      prompt: caption,
      system_prompt: onlyAnswer,
      model: 'google/gemini-2.5-flash',
      reasoning: false,
      temperature: 1,
    },
  ],
  [
    '004 OpenAI',
    'openrouter/router/openai/v1/chat/completions',
    { model: 'google/gemini-2.5-flash', messages, temperature: 1 },
  ],
  [
    '004 OpenAI stream',
    'openrouter/router/openai/v1/chat/completions',
    { model: 'google/gemini-2.5-flash', messages, temperature: 1, stream: true },
  ],
]

/** The outputs on fal's pages; the last any-llm one is what fal's sample prints. */
export const seedOutputs: readonly (readonly [
  seed: string,
  endpoint: EndpointId,
  output: Readonly<Record<string, unknown>>,
])[] = [
  ['000', 'fal-ai/any-llm/enterprise', subjective],
  ['001', 'fal-ai/any-llm', subjective],
  ['printed', 'fal-ai/any-llm', { output: 'Growth\n', partial: false, error: null }],
  [
    '003',
    'openrouter/router',
    {
      output: 'Unit 734, sanitation bot, …',
      usage: { completion_tokens: 227, total_tokens: 267, prompt_tokens: 40, cost: 0.0005795 },
    },
  ],
  [
    '004',
    'openrouter/router/vision',
    {
      output: "A close-up of a tiger's face …",
      usage: { completion_tokens: 63, cost: 0.0005595, prompt_tokens: 1340, total_tokens: 1403 },
    },
  ],
]
