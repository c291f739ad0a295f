import { createScriptedLlm } from '@fal-llm/testkit'
import { expect, test, vi } from 'vitest'
import { FalLlmError } from '../errors.ts'
import { createCompletion } from './complete.ts'

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('a completion grows and resolves with the answer', async () => {
  const onFinish = vi.fn()
  const llm = createScriptedLlm()
  const completion = createCompletion({ llm, flush: 'sync', model: 'a/b', onFinish })
  const answer = completion.complete('Hi', { system: 'brief' })
  expect(completion.getState()).toMatchObject({ status: 'submitted', isBusy: true })
  await settled()
  expect(llm.last.request).toMatchObject({ prompt: 'Hi', system: 'brief', model: 'a/b' })
  llm.last.say('Hel')
  await settled()
  expect(completion.getState()).toMatchObject({ status: 'streaming', text: 'Hel' })
  llm.last.say('lo')
  llm.last.finish()
  expect(await answer).toMatchObject({ text: 'Hello' })
  expect(completion.getState()).toMatchObject({ status: 'ready', text: 'Hello', isBusy: false })
  expect(onFinish).toHaveBeenCalledOnce()
})

test('the latest call wins and stops the one before it', async () => {
  const llm = createScriptedLlm()
  const completion = createCompletion({ llm, flush: 'sync' })
  const first = completion.complete('One')
  await settled()
  const [one] = llm.calls
  one?.say('old')
  const second = completion.complete('Two')
  one?.say('older')
  await settled()
  expect(one?.state).toBe('stopped')
  expect(completion.getState().text).toBe('')
  llm.last.say('new')
  llm.last.finish()
  expect(await first).toBeUndefined()
  expect(await second).toMatchObject({ text: 'new' })
  expect(completion.getState().text).toBe('new')
})

test('a stop keeps the words, an error is shown, a reset forgets both', async () => {
  const onError = vi.fn()
  const llm = createScriptedLlm()
  const completion = createCompletion({ llm, flush: 'sync', onError })
  const stopped = completion.complete('One')
  await settled()
  llm.last.say('half')
  await settled()
  await completion.stop()
  expect(await stopped).toBeUndefined()
  expect(completion.getState()).toMatchObject({ status: 'ready', text: 'half', isBusy: false })
  const failed = completion.complete('Two')
  await settled()
  llm.last.fail(new FalLlmError('provider', 'no'))
  expect(await failed).toBeUndefined()
  expect(completion.getState()).toMatchObject({ status: 'error', error: { code: 'provider' } })
  expect(onError).toHaveBeenCalledOnce()
  completion.reset()
  expect(completion.getState()).toEqual(completion.getServerState())
})
