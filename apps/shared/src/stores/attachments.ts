// Images of the message that is being written. Each is uploaded as soon as it is chosen, so that a send
// waits for no upload.

import { FalLlmError } from '@fal-llm/core'
import type { FalLlm } from '@fal-llm/core'
import { toErrorSentence } from '../text/error-sentence.ts'
import { toImageUrl } from '../llm/image-url.ts'
import { refuseImage } from '../text/refuse-image.ts'
import { createViewStore } from './view-store.ts'
import type { ViewStore } from './view-store.ts'

/** One image, and how far it is. */
export interface Attachment {
  readonly id: string
  /** The file's name. */
  readonly name: string
  /** An address of this page, for its thumbnail. */
  readonly previewUrl: string
  readonly status: 'uploading' | 'ready' | 'failed'
  /** Whole percent of the file that has gone. */
  readonly percent: number
  /** Why it failed. */
  readonly problem: string | undefined
}

/** What the composer shows of the images. */
export interface AttachmentsState {
  readonly items: readonly Attachment[]
  /** Why a file was not taken. */
  readonly refusal: string | undefined
  /** Why the message cannot be sent yet; undefined when it can. */
  readonly blocker: string | undefined
}

/** The images of the message being written. */
export interface Attachments extends ViewStore<AttachmentsState> {
  /** Takes files and begins to upload them; the first that is not taken is in `refusal`. */
  add(files: Iterable<File>): void
  /** Takes one out; its upload is aborted. */
  remove(id: string): void
  /** Uploads one again that failed. */
  retry(id: string): void
  /** The addresses of the images that are there, for sending; the composer is then empty. */
  take(): readonly string[]
  /** Attaches images that are uploaded already, by their addresses. */
  putBack(urls: readonly string[]): void
  dismissRefusal(): void
}

/** What the images need of the world. */
export interface AttachmentsOptions {
  readonly upload: FalLlm['upload']
  /** Makes and releases the addresses of thumbnails. Default: URL. */
  readonly previews?: Pick<typeof URL, 'createObjectURL' | 'revokeObjectURL'>
}

interface Upload {
  /** undefined for one that was uploaded before. */
  readonly file: File | undefined
  control: AbortController
  url: string | undefined
}

/** Makes the images of one composer. */
export function createAttachments({ upload, previews = URL }: AttachmentsOptions): Attachments {
  const uploads = new Map<string, Upload>()
  const store = createViewStore<AttachmentsState>({
    items: [],
    refusal: undefined,
    blocker: undefined,
  })
  let count = 0

  const setItems = (items: readonly Attachment[]): void =>
    store.set({ ...store.getState(), items, blocker: toBlocker(items) })
  const patch = (id: string, change: Partial<Attachment>): void =>
    setItems(store.getState().items.map((item) => (item.id === id ? { ...item, ...change } : item)))

  const start = async (id: string, own: Upload, file: File): Promise<void> => {
    const { control } = own
    const { signal } = control
    try {
      const onProgress = ({
        loadedBytes,
        totalBytes,
      }: {
        loadedBytes: number
        totalBytes: number
      }) => {
        const percent = totalBytes > 0 ? Math.floor((100 * loadedBytes) / totalBytes) : 0
        if (own.control === control) patch(id, { percent })
      }
      own.url = await upload(file, { signal, onProgress })
      if (!signal.aborted) patch(id, { status: 'ready', percent: 100 })
    } catch (error) {
      if (!signal.aborted) patch(id, { status: 'failed', problem: toProblem(error) })
    }
  }
  const add = (file: File): string | undefined => {
    const { items } = store.getState()
    const name = file.name || 'Image'
    const refusal = refuseImage(file, name, items.length)
    if (refusal !== undefined) return refusal
    const id = `image-${++count}`
    const own: Upload = { file, control: new AbortController(), url: undefined }
    uploads.set(id, own)
    const previewUrl = previews.createObjectURL(file)
    const fresh = {
      id,
      name,
      previewUrl,
      status: 'uploading',
      percent: 0,
      problem: undefined,
    } as const
    setItems([...items, fresh])
    void start(id, own, file)
    return undefined
  }
  const drop = ({ id, previewUrl }: Attachment): void => {
    uploads.get(id)?.control.abort()
    uploads.delete(id)
    previews.revokeObjectURL(previewUrl)
  }

  return {
    getState: store.getState,
    subscribe: store.subscribe,
    add(files) {
      const refusals = [...files].map(add).filter((refusal) => refusal !== undefined)
      store.set({ ...store.getState(), refusal: refusals[0] })
    },
    remove(id) {
      const { items } = store.getState()
      const item = items.find((known) => known.id === id)
      if (!item) return
      drop(item)
      setItems(items.filter((known) => known !== item))
    },
    retry(id) {
      const own = uploads.get(id)
      if (!own?.file || store.getState().items.find((item) => item.id === id)?.status !== 'failed')
        return
      own.control = new AbortController()
      patch(id, { status: 'uploading', percent: 0, problem: undefined })
      void start(id, own, own.file)
    },
    take() {
      const { items } = store.getState()
      const ready = items.filter(({ status }) => status === 'ready')
      const urls = ready.flatMap(({ id }) => uploads.get(id)?.url ?? [])
      for (const item of ready) drop(item)
      store.set({ ...store.getState(), refusal: undefined })
      setItems(items.filter(({ status }) => status !== 'ready'))
      return urls
    },
    putBack(urls) {
      const items = urls.map((url): Attachment => {
        const id = `image-${++count}`
        uploads.set(id, { file: undefined, control: new AbortController(), url })
        const previewUrl = toImageUrl(url)
        const name = 'Image'
        return { id, name, previewUrl, status: 'ready', percent: 100, problem: undefined }
      })
      setItems([...items, ...store.getState().items])
    },
    dismissRefusal() {
      if (store.getState().refusal !== undefined) {
        store.set({ ...store.getState(), refusal: undefined })
      }
    },
  }
}

function toBlocker(items: readonly Attachment[]): string | undefined {
  if (items.some(({ status }) => status === 'failed')) {
    return 'An image is not uploaded: retry or remove it to send.'
  }
  const uploading = items.filter(({ status }) => status === 'uploading').length
  if (uploading === 0) return undefined
  return uploading === 1 ? 'Send waits for the image.' : `Send waits for ${uploading} images.`
}

function toProblem(error: unknown): string {
  return error instanceof FalLlmError ? toErrorSentence(error) : 'The upload failed.'
}
