import type { QueuedSend } from '@fal-llm/core'
import { expect, test } from 'vitest'
import { toPausedNote, toImagesNote } from './waiting-notes.ts'

const send: QueuedSend = {
  id: '1',
  text: 'Hello',
  images: [],
  metadata: undefined,
  options: {},
  createdAt: 0,
}
const there = { url: 'https://v3.fal.media/a.png' }
const gone = { name: 'a.png', gone: true } as const

test('says that a person is waited for, only while one is', () => {
  expect(toPausedNote({ paused: false, queued: [send] })).toBe('')
  expect(toPausedNote({ paused: true, queued: [] })).toBe('')
  expect(toPausedNote({ paused: true, queued: [send] })).toMatch(/^This waits for you/)
  expect(toPausedNote({ paused: true, queued: [send, send] })).toMatch(/^These wait for you/)
})

test.each([
  [[], ''],
  [[there], '1 image'],
  [[there, there], '2 images'],
  [[gone], '1 image; its file is gone: take this back and attach again'],
  [[there, gone], '2 images; the file of one is gone: take this back and attach again'],
  [[gone, there, gone], '3 images; 2 files are gone: take this back and attach again'],
])('counts images and says whose file is gone: %#', (images, note) => {
  expect(toImagesNote(images)).toBe(note)
})
