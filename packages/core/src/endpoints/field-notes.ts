/**
 * What fal says about each field, in short.
 * Apart from the schemas, so that a chat in a browser carries none of it: only `toJsonSchema` reads it.
 *
 * @source fal, the endpoints' pages (seeds 000, 001, 003, 004); OpenAI's fields: OpenRouter's API reference
 */
export const fieldNotes: Readonly<Record<string, string>> = {
  prompt: 'Prompt to be used for the chat completion',
  system_prompt: 'System prompt to provide context or instructions to the model',
  reasoning: 'Should reasoning be the part of the final answer',
  priority: 'Throughput is recommended for most use cases, latency where low latency is important',
  temperature: 'Lower values are more predictable; at 0 the same input gives the same response',
  max_tokens: 'Limit of the response, at most the context length minus the prompt length',
  model: 'Name of the model to use',
  image_urls: 'URLs or data URIs of the images',
  messages: 'The conversation, oldest turn first',
  output: 'Generated output',
  partial: 'Whether the output is partial',
  error: 'Error message if an error occurred',
  usage: 'Token usage information; cost in US dollars',
}
