import { endpoints } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { groupModels } from './model-groups.ts'

const groups = groupModels(endpoints['fal-ai/any-llm'].models)

test('groups every model of an endpoint under its vendor, once', () => {
  expect(groups.map((group) => group.vendor)).toEqual([
    'Anthropic',
    'DeepSeek',
    'Google',
    'Meta Llama',
    'OpenAI',
  ])
  const ids = groups.flatMap((group) => group.models.map((model) => model.id))
  expect(ids.toSorted()).toEqual(
    endpoints['fal-ai/any-llm'].models.map((model) => model.id).toSorted(),
  )
})

test('marks premium models and no others', () => {
  const labels = groups.flatMap((group) => group.models.map((model) => model.label))
  expect(labels).toContain('gpt-4o ✦ premium')
  expect(labels).toContain('gpt-4o-mini')
})

test('shows a vendor it does not know as it is written', () => {
  const info = { id: 'acme/one', vendor: 'acme', premium: false, isDefault: false }
  expect(groupModels([info])).toEqual([
    { vendor: 'acme', models: [{ id: 'acme/one', label: 'one' }] },
  ])
})
