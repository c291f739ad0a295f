// OpenAI's chat/completions as OpenRouter takes it. Named are the fields a chat needs and those whose type or range is
// documented; every other parameter, message field and kind of part (audio, files, tool calls) passes through unread.

import { defineSchema } from '../validate/define-schema.ts'
import { defineEndpoint } from '../endpoint.ts'
import type { Endpoint } from '../endpoint.ts'
import { openRouterModels, toModelInfos } from '../catalogue/models.ts'
import { promptFields } from './prompt-fields.ts'
import { routerFields } from './router-fields.ts'
import type { SchemaNode } from '../validate/schema-node.ts'

const text: SchemaNode = { type: ['string', 'null'] }

/** "Where `name` is one of `values`, these fields are required too." */
function where(
  name: string,
  values: readonly string[],
  properties: Readonly<Record<string, SchemaNode>>,
): { if: SchemaNode; then: SchemaNode } {
  return {
    if: {
      type: 'object',
      properties: { [name]: { type: 'string', enum: values } },
      required: [name],
    },
    then: { properties, required: Object.keys(properties) },
  }
}

const imageUrl: SchemaNode = {
  anyOf: [
    {
      type: 'object',
      properties: {
        url: { type: 'string' },
        detail: { type: 'string', enum: ['auto', 'low', 'high'] },
      },
      required: ['url'],
    },
    // fal's own sample sends the bare URL.
    { type: 'string' },
  ],
}

const parts: SchemaNode = {
  type: 'array',
  items: {
    type: 'object',
    properties: { type: { type: 'string' } },
    required: ['type'],
    allOf: [
      where('type', ['text'], { text: { type: 'string' } }),
      where('type', ['image_url'], { image_url: imageUrl }),
    ],
  },
}

const messages: SchemaNode = {
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    properties: {
      role: { type: 'string', enum: ['system', 'user', 'assistant', 'tool', 'developer'] },
      // An assistant that only called tools has said nothing.
      content: { anyOf: [text, parts] },
    },
    required: ['role'],
    allOf: [
      where('role', ['system', 'user', 'tool', 'developer'], {
        content: { anyOf: [{ type: 'string' }, parts] },
      }),
    ],
  },
}

const { temperature, max_tokens } = promptFields
const share: SchemaNode = { ...temperature, maximum: 1 }
const penalty: SchemaNode = { type: ['number', 'null'], minimum: -2, maximum: 2 }

/**
 * openrouter/router/openai/v1/chat/completions: whole conversations, in OpenAI's shapes.
 *
 * @source fal, openrouter/router/vision page, "OpenAI" samples (seed 004); ranges: OpenRouter's API reference
 */
export const openAiChat: Endpoint<'openrouter/router/openai/v1/chat/completions'> = defineEndpoint({
  id: 'openrouter/router/openai/v1/chat/completions',
  kind: 'messages',
  input: defineSchema({
    type: 'object',
    properties: {
      model: routerFields.model,
      messages,
      temperature,
      top_p: share,
      min_p: share,
      top_a: share,
      top_k: { type: ['integer', 'null'], minimum: 0 },
      repetition_penalty: temperature,
      frequency_penalty: penalty,
      presence_penalty: penalty,
      max_tokens,
      max_completion_tokens: max_tokens,
      reasoning: { type: ['object', 'null'] },
      reasoning_effort: text,
      seed: { type: ['integer', 'null'] },
      stop: { anyOf: [text, { type: 'array' }] },
      response_format: { type: ['object', 'null'] },
      stream: { type: ['boolean', 'null'], default: false },
    },
    required: ['model', 'messages'],
  }),
  output: defineSchema({
    type: 'object',
    properties: {
      choices: {
        type: 'array',
        items: {
          type: 'object',
          properties: {
            message: {
              type: 'object',
              properties: { content: text, reasoning: text },
            },
            finish_reason: text,
          },
        },
      },
      usage: { type: ['object', 'null'] },
    },
    required: ['choices'],
  }),
  models: toModelInfos(openRouterModels),
  modelsAreOpen: true,
  defaultModel: undefined,
  supports: { stream: true, queue: true, images: true, usage: true },
  documentation: 'https://fal.ai/models/openrouter/router/openai/v1/chat/completions/api',
})
