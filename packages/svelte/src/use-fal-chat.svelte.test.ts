import { createScriptedLlm, settled } from '@fal-llm/testkit'
import { flushSync } from 'svelte'
import { expect, test } from 'vitest'
import { useFalChat, useFalCompletion } from './runes.ts'

test('an effect runs again only when a field that it reads has changed', async () => {
  const llm = createScriptedLlm()
  const chat = useFalChat({ llm, flush: 'sync' })
  const statuses: string[] = []
  const texts: (string | undefined)[] = []
  const stop = $effect.root(() => {
    $effect(() => void statuses.push(chat.status))
    $effect(() => void texts.push(chat.messages.at(-1)?.text))
  })
  flushSync()
  void chat.send('Hello')
  await settled()
  for (const delta of ['a', 'b', 'c']) {
    llm.last.addText(delta)
    await settled()
  }
  expect(statuses).toEqual(['ready', 'submitted', 'streaming'])
  expect(texts.slice(-3)).toEqual(['a', 'ab', 'abc'])
  stop()
})

test('what is derived is new where nothing watches it, too', async () => {
  const llm = createScriptedLlm()
  const chat = useFalChat({ llm, flush: 'sync' })
  const count = $derived(chat.messages.length)
  const read = (): number => count
  expect(read()).toBe(0)
  void chat.send('Hello')
  await settled()
  expect(read()).toBe(2)
})

test('rule 16: options in $state are tracked, changed in place', async () => {
  const llm = createScriptedLlm()
  const options = $state({ id: 'one', model: 'first/model' })
  const chat = useFalChat(() => ({ llm, ...options }))
  const completion = useFalCompletion(() => ({ llm, model: options.model }))
  options.model = 'second/model'
  flushSync()
  void chat.send('Hello')
  await settled()
  expect(llm.last.request.model).toBe('second/model')
  void completion.complete('Hello')
  await settled()
  expect(llm.last.request.model).toBe('second/model')
  options.id = 'two'
  flushSync()
  expect(chat.messages).toEqual([])
})
