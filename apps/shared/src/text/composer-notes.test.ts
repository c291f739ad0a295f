import { expect, test } from 'vitest'
import { toComposerNotes } from './composer-notes.ts'
import { createSettings } from '../stores/settings.ts'

const settings = createSettings({ getItem: () => null, setItem() {} }).getState()
const item = {
  id: '1',
  name: 'a.png',
  previewUrl: 'blob:1',
  status: 'ready',
  percent: 100,
  problem: undefined,
} as const

test('says nothing without images', () => {
  const nothing = { items: [], refusal: undefined, blocker: undefined }
  expect(toComposerNotes(nothing, settings, 'ok')).toEqual([])
  expect(toComposerNotes(nothing, settings, 'none')).toEqual([])
})

test('says what went wrong before what is good to know', () => {
  const items = [item, { ...item, id: '2', name: 'b.png', problem: 'It is gone.' }]
  const notes = toComposerNotes(
    { items, refusal: 'Not an image.', blocker: 'Wait.' },
    settings,
    'ok',
  )
  expect(notes.map(({ tone, text }) => `${tone}: ${text}`)).toEqual([
    'bad: Not an image.',
    'bad: b.png: It is gone.',
    'quiet: Wait.',
    expect.stringMatching(/^quiet: With images, .* answers\.$/),
  ])
})

test('says that nothing is being kept, for as long as it is not', () => {
  const nothing = { items: [], refusal: undefined, blocker: undefined }
  expect(toComposerNotes(nothing, settings, 'failed')).toEqual([
    { tone: 'quiet', text: expect.stringMatching(/^This conversation is not being kept/) },
  ])
})
