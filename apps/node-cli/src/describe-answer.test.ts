import { FalLlmError } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { toFailureSentence } from './describe-answer.ts'

test('says what a failure means and what fal said, in one line', () => {
  const error = new FalLlmError('auth', 'No user found for Key ID and Secret')
  expect(toFailureSentence(error)).toBe(
    'fal did not accept the key: No user found for Key ID and Secret.',
  )
})

test('an answer of a server cannot write on the terminal, nor on a second line', () => {
  const error = new FalLlmError('provider', 'broken\n\u001B[2Jhere.')
  expect(toFailureSentence(error)).toBe(
    'The provider could not finish the answer: broken ␛[2Jhere.',
  )
})

test('says nothing twice', () => {
  const error = new FalLlmError('storage', 'The conversation could not be saved')
  expect(toFailureSentence(error)).toBe('The conversation could not be saved.')
})

test('rule 10: says when the job may have been taken', () => {
  const error = new FalLlmError('network', 'ECONNRESET', { maybeSubmitted: true })
  expect(toFailureSentence(error)).toMatch(
    /: ECONNRESET; fal may have taken the job all the same\.$/,
  )
})
