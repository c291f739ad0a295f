import { FalLlmError } from '@fal-llm/core'
import type { UploadOptions } from '@fal-llm/core'
import { settled } from '@fal-llm/testkit/settled'
import { expect, test } from 'vitest'
import { createAttachments } from './attachments.ts'

const png = (name: string, sizeBytes = 100) =>
  new File([new Uint8Array(sizeBytes)], name, { type: 'image/png' })

interface Sending {
  readonly file: Blob
  readonly options: UploadOptions
  readonly succeed: (url: string) => Promise<void>
  readonly fail: (error: Error) => Promise<void>
}

function openComposer() {
  const sendings: Sending[] = []
  const previews = new Set<string>()
  let count = 0
  const attachments = createAttachments({
    upload: (file, options = {}) =>
      new Promise((resolve, reject) => {
        options.signal?.addEventListener('abort', () => reject(options.signal?.reason))
        if (!(file instanceof Blob)) throw new TypeError('a composer sends Blobs')
        sendings.push({
          file,
          options,
          succeed: (url) => (resolve(url), settled()),
          fail: (error) => (reject(error), settled()),
        })
      }),
    previews: {
      createObjectURL() {
        const url = `blob:${++count}`
        previews.add(url)
        return url
      },
      revokeObjectURL: (url) => void previews.delete(url),
    },
  })
  const sending = (index: number): Sending => {
    const found = sendings[index]
    if (!found) throw new Error(`There is no upload ${index}`)
    return found
  }
  return { attachments, sendings, sending, previews }
}

test('uploads an image as soon as it is picked, and says how far it is', () => {
  const { attachments, sending } = openComposer()
  attachments.add([png('cat.png')])
  sending(0).options.onProgress?.({ loadedBytes: 55, totalBytes: 100 })
  expect(attachments.getState().items).toMatchObject([
    { name: 'cat.png', status: 'uploading', percent: 55 },
  ])
  expect(attachments.getState().blocker).toBe('Send waits for the image.')
})

test('gives the addresses in the order of picking, whichever was there first, and is then empty', async () => {
  const { attachments, sending, previews } = openComposer()
  attachments.add([png('a.png'), png('b.png')])
  expect(attachments.getState().blocker).toBe('Send waits for 2 images.')
  await sending(1).succeed('https://v3.fal.media/b.png')
  await sending(0).succeed('https://v3.fal.media/a.png')
  expect(attachments.getState().blocker).toBeUndefined()
  expect(attachments.take()).toEqual(['https://v3.fal.media/a.png', 'https://v3.fal.media/b.png'])
  expect(attachments.getState().items).toEqual([])
  expect(previews.size).toBe(0)
})

test('removing an image aborts its upload and lets go of its thumbnail', async () => {
  const { attachments, sending, previews } = openComposer()
  attachments.add([png('a.png'), png('b.png')])
  attachments.remove(attachments.getState().items[0]?.id ?? '')
  expect(sending(0).options.signal?.aborted).toBe(true)
  await settled()
  expect(attachments.getState().items.map(({ name }) => name)).toEqual(['b.png'])
  expect(previews.size).toBe(1)
})

test('a failed upload says why, holds the message back, and can be tried again', async () => {
  const { attachments, sendings, sending } = openComposer()
  attachments.add([png('a.png')])
  await sending(0).fail(new FalLlmError('network', 'refused'))
  const [failed] = attachments.getState().items
  expect(failed).toMatchObject({ status: 'failed', problem: expect.stringContaining('reached') })
  expect(attachments.getState().blocker).toContain('retry or remove it')
  attachments.retry(failed?.id ?? '')
  attachments.retry(failed?.id ?? '')
  expect(sendings).toHaveLength(2)
  expect(attachments.getState().items[0]).toMatchObject({ status: 'uploading', problem: undefined })
  await sending(1).succeed('https://v3.fal.media/a.png')
  expect(attachments.take()).toEqual(['https://v3.fal.media/a.png'])
})

test.each([
  [new File(['x'], 'notes.pdf', { type: 'application/pdf' }), 'notes.pdf cannot be sent'],
  [new File(['x'], 'icon.svg', { type: 'image/svg+xml' }), 'only PNG, JPEG, WebP and GIF'],
  [png('huge.png', 10_000_001), 'huge.png is too large: 10 MB, and 10 MB is the most.'],
])('refuses what is no image, or too large, in a sentence', (file, words) => {
  const { attachments, sendings } = openComposer()
  attachments.add([file])
  expect(attachments.getState()).toMatchObject({ items: [], blocker: undefined })
  expect(attachments.getState().refusal).toContain(words)
  expect(sendings).toEqual([])
  attachments.add([png('a.png')])
  expect(attachments.getState().refusal).toBeUndefined()
})

test('takes the images among other files, and eight at most', () => {
  const { attachments } = openComposer()
  const many = Array.from({ length: 9 }, (_, index) => png(`${index}.png`))
  attachments.add([new File(['x'], 'notes.txt', { type: 'text/plain' }), ...many])
  expect(attachments.getState().items).toHaveLength(8)
  expect(attachments.getState().refusal).toContain('notes.txt')
  attachments.dismissRefusal()
  attachments.add([png('one more.png')])
  expect(attachments.getState().refusal).toBe('A message takes 8 images at most.')
})

test('images that are put back are there at once, before those being picked', async () => {
  const { attachments, sending, sendings } = openComposer()
  attachments.add([png('new.png')])
  attachments.putBack(['https://v3.fal.media/old.png'])
  expect(attachments.getState().items).toMatchObject([
    { status: 'ready', previewUrl: 'https://v3.fal.media/old.png' },
    { name: 'new.png', status: 'uploading' },
  ])
  await sending(0).succeed('https://v3.fal.media/new.png')
  expect(sendings).toHaveLength(1)
  expect(attachments.take()).toEqual([
    'https://v3.fal.media/old.png',
    'https://v3.fal.media/new.png',
  ])
})
