import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createDropTarget } from './drop-target.ts'
import { onEscape } from './on-escape.ts'
import { createOnlineStatus } from './online-status.ts'
import { takePastedFiles } from './pasted-files.ts'

beforeEach(() => document.body.replaceChildren())
afterEach(() => vi.restoreAllMocks())

const image = new File(['x'], 'a.png', { type: 'image/png' })

function drag(type: string, types: readonly string[] = ['Files'], target: EventTarget = document) {
  const event = new Event(type, { bubbles: true, cancelable: true })
  Object.assign(event, { dataTransfer: { types, files: [image] } })
  target.dispatchEvent(event)
  return event
}

test('files held over the page show the target, over its parts too, and let go are taken', () => {
  const taken: File[] = []
  const target = createDropTarget((files) => taken.push(...files))
  const detach = target.attach()
  const part = document.body.appendChild(document.createElement('p'))
  drag('dragenter')
  drag('dragenter', ['Files'], part)
  drag('dragleave')
  expect(target.getState()).toBe(true)
  expect(drag('dragover').defaultPrevented).toBe(true)
  expect(drag('drop').defaultPrevented).toBe(true)
  expect(target.getState()).toBe(false)
  expect(taken).toEqual([image])
  detach()
  drag('dragenter')
  expect(target.getState()).toBe(false)
})

test('files that are taken away again hide the target', () => {
  const target = createDropTarget(() => {})
  target.attach()
  drag('dragenter')
  drag('dragleave')
  expect(target.getState()).toBe(false)
})

test('text that is dragged is none of its business', () => {
  const target = createDropTarget(() => expect.unreachable())
  target.attach()
  drag('dragenter', ['text/plain'])
  expect(target.getState()).toBe(false)
  expect(drag('drop', ['text/plain']).defaultPrevented).toBe(false)
})

function paste(types: readonly string[], files: readonly File[]) {
  const preventDefault = vi.fn()
  // Of the clipboard only these are read.
  const clipboardData = { types, files } as unknown as DataTransfer
  return { taken: takePastedFiles({ clipboardData, preventDefault }), preventDefault }
}

test('a pasted image is taken in place of the paste', () => {
  const { taken, preventDefault } = paste(['Files'], [image])
  expect(taken).toEqual([image])
  expect(preventDefault).toHaveBeenCalledOnce()
})

test.each([
  [['text/plain'], []],
  [['text/plain', 'text/html', 'Files'], [image]],
])('pasted words are left to the browser: %j', (types, files) => {
  const { taken, preventDefault } = paste(types, files)
  expect(taken).toEqual([])
  expect(preventDefault).not.toHaveBeenCalled()
})

test('tells when the network goes and returns', () => {
  let online = true
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online)
  const seen: boolean[] = []
  const unsubscribe = createOnlineStatus().subscribe((state) => seen.push(state))
  online = false
  dispatchEvent(new Event('offline'))
  online = true
  dispatchEvent(new Event('online'))
  unsubscribe()
  dispatchEvent(new Event('offline'))
  expect(seen).toEqual([true, false, true])
})

function press(init: KeyboardEventInit, target: EventTarget = document) {
  target.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init }))
}

test('Escape is heard on the page, but not while something nearer wants it', () => {
  const heard = vi.fn()
  const stop = onEscape(heard)
  press({ key: 'Escape' })
  expect(heard).toHaveBeenCalledTimes(1)
  press({ key: 'a' })
  press({ key: 'Escape', isComposing: true })
  const dialog = document.body.appendChild(document.createElement('dialog'))
  dialog.setAttribute('open', '')
  press({ key: 'Escape' })
  dialog.remove()
  const editor = document.body.appendChild(document.createElement('textarea'))
  editor.addEventListener('keydown', (event) => event.preventDefault())
  press({ key: 'Escape' }, editor)
  expect(heard).toHaveBeenCalledTimes(1)
  stop()
  press({ key: 'Escape' })
  expect(heard).toHaveBeenCalledTimes(1)
})
