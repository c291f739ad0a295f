import { FalLlmError } from '@fal-llm/core'
import type { ChatMessage } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { canResume, toEndingNote } from './answer-ending.ts'

const answer: ChatMessage = {
  id: '2',
  role: 'assistant',
  parts: [],
  text: '',
  reasoning: '',
  status: 'done',
  error: undefined,
  createdAt: 0,
  parentId: '1',
  branch: { index: 0, count: 1 },
}
const job = { requestId: 'a', endpoint: 'openrouter/router' }
const error = new FalLlmError('network', 'fal cannot be reached')

test('an answer that fal still has can be resumed, a running or an ended one cannot', () => {
  expect(canResume({ ...answer, status: 'interrupted', job })).toBe(true)
  expect(canResume({ ...answer, status: 'interrupted' })).toBe(false)
  expect(canResume({ ...answer, status: 'pending', job })).toBe(false)
  expect(canResume({ ...answer, status: 'stopped' })).toBe(false)
})

test('says how it ended where no failure does', () => {
  expect(toEndingNote(answer)).toBe('')
  expect(toEndingNote({ ...answer, status: 'stopped' })).toBe('Stopped')
  expect(toEndingNote({ ...answer, status: 'interrupted', job })).toMatch(/^fal is still at work/)
  expect(toEndingNote({ ...answer, status: 'interrupted', job, error })).toBe('')
})
