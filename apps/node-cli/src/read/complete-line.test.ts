import { expect, test } from 'vitest'
import { completeLine } from './complete-line.ts'

test('completes commands, and ids where one belongs', () => {
  expect(completeLine('/mo')).toEqual([['/model '], '/mo'])
  expect(completeLine('/model deep')).toEqual([['deepseek/deepseek-r1'], 'deep'])
  expect(completeLine('/endpoint fal-ai/any-llm/')).toEqual([
    ['fal-ai/any-llm/enterprise'],
    'fal-ai/any-llm/',
  ])
})

test('leaves words alone', () => {
  expect(completeLine('mo')).toEqual([[], 'mo'])
})
