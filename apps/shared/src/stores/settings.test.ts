import { expect, test } from 'vitest'
import { createSettings, toChatOptions } from './settings.ts'

function memory() {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  }
}

test('begins with the first endpoint and its default model, and no mode of its own', () => {
  const { endpoint, model } = createSettings(memory()).getState()
  expect([endpoint.id, model]).toEqual(['openrouter/router', 'google/gemini-2.5-flash'])
  expect(toChatOptions(createSettings(memory()).getState())).toEqual({
    endpoint,
    model,
    params: { reasoning: false },
  })
})

test('another endpoint keeps the model where it has it, else begins with its own', () => {
  const settings = createSettings(memory())
  settings.pickModel('openai/gpt-4o')
  settings.pickEndpoint('fal-ai/any-llm')
  expect(settings.getState().model).toBe('openai/gpt-4o')
  settings.pickModel('deepseek/deepseek-r1')
  settings.pickEndpoint('fal-ai/any-llm/enterprise')
  expect(settings.getState().model).toBe('google/gemini-flash-1.5')
  settings.pickEndpoint('nobody/knows')
  expect(settings.getState().endpoint.id).toBe('fal-ai/any-llm/enterprise')
})

test('durable is a mode, and everything chosen survives a reload', () => {
  const storage = memory()
  const settings = createSettings(storage)
  settings.pickEndpoint('fal-ai/any-llm')
  settings.toggleReasoning()
  settings.toggleDurable()
  expect(createSettings(storage).getState()).toEqual(settings.getState())
  expect(toChatOptions(settings.getState())).toMatchObject({
    params: { reasoning: true },
    mode: 'durable',
  })
})

test.each(['', 'null', '[]', '{"endpoint":1,"model":{}}', '"text"', '{"model":"gone/model"}'])(
  'what is stored as %j is no hindrance',
  (stored) => {
    const settings = createSettings({ getItem: () => stored, setItem() {} })
    expect(settings.getState().model).toBe('google/gemini-2.5-flash')
  },
)

test('works where nothing can be stored', () => {
  const deny = () => {
    throw new Error('denied')
  }
  const settings = createSettings({ getItem: deny, setItem: deny })
  settings.toggleDurable()
  expect(settings.getState().durable).toBe(true)
})
