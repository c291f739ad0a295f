import { describe, expect, it } from 'vitest'
import { parseEvents } from '../../../test/read-events.ts'
import { post } from '../../../test/requests.ts'
import { createEmulator } from '../../emulator.ts'

const path = '/fal.run/openrouter/router/openai/v1/chat/completions'

async function ask(more: object, content = 'What is the weather?'): Promise<string> {
  const messages = [{ role: 'user', content }]
  const input = { model: 'google/gemini-2.5-flash', messages, ...more }
  const response = await createEmulator().fetch(post(path, input))
  const text = await response.text()
  if (!('stream' in more)) {
    return (JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message
      .content
  }
  type Chunk = { choices: { delta: { content?: string } }[] }
  return parseEvents<Chunk>(text)
    .map(({ choices: [choice] }) => choice?.delta.content ?? '')
    .join('')
}

describe('response_format', () => {
  const schema = {
    type: 'object',
    properties: { city: { type: 'string' }, degrees: { type: 'integer' } },
    required: ['city', 'degrees'],
    additionalProperties: false,
  }
  const json_schema = { name: 'weather', strict: true, schema }

  it('json_object: answers with an object that holds the text', async () => {
    const answer: unknown = JSON.parse(await ask({ response_format: { type: 'json_object' } }))
    expect(answer).toEqual({ answer: expect.stringContaining('What is the weather?') })
  })

  it('json_schema: answers with what fits the schema, streamed or not', async () => {
    const response_format = { type: 'json_schema', json_schema }
    for (const more of [{ response_format }, { response_format, stream: true }]) {
      expect(JSON.parse(await ask(more))).toEqual({ city: 'some city', degrees: 42 })
    }
  })

  it('text, or nothing: answers with text', async () => {
    for (const more of [{}, { response_format: null }, { response_format: { type: 'text' } }]) {
      expect(await ask(more)).toContain('The emulator answers')
    }
  })

  it('leaves the last word to a command', async () => {
    expect(await ask({ response_format: { type: 'json_object' } }, '/echo no JSON')).toBe('no JSON')
  })
})
