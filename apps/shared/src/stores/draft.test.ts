import { expect, test } from 'vitest'
import { createDraft } from './draft.ts'

function openDraft() {
  const attached: string[] = []
  const draft = createDraft({ putBack: (urls) => void attached.push(...urls) })
  return { draft, attached }
}

const taken = { text: 'Hello', images: [], metadata: undefined, options: {} }

test('what is taken back is in the field again, with its images', () => {
  const { draft, attached } = openDraft()
  draft.putBack({ ...taken, images: ['https://v3.fal.media/a.png'] })
  expect(draft.getState()).toBe('Hello')
  expect(attached).toEqual(['https://v3.fal.media/a.png'])
})

test('what is being written stays, after what is taken back', () => {
  const { draft } = openDraft()
  draft.set('and more')
  draft.putBack(taken)
  expect(draft.getState()).toBe('Hello\n\nand more')
})

test('an image without words leaves the words alone', () => {
  const { draft } = openDraft()
  draft.set('What is this?')
  draft.putBack({ ...taken, text: '', images: ['https://v3.fal.media/a.png'] })
  expect(draft.getState()).toBe('What is this?')
})
