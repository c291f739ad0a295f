// An image from the disk: a Blob among `images` is uploaded to fal first, and only once.

import { readFile } from 'node:fs/promises'
import { createFalLlm } from '@fal-llm/core'

const llm = createFalLlm()
const bytes = await readFile(new URL('./images/tiger.png', import.meta.url))
const image = new File([bytes], 'tiger.png', { type: 'image/png' })

const url = await llm.upload(image, {
  onProgress: ({ loadedBytes, totalBytes }) => console.log(`${loadedBytes}/${totalBytes} bytes`),
})
console.log(url)

const { text } = await llm.generate({
  endpoint: 'openrouter/router/vision',
  model: 'google/gemini-2.5-flash',
  prompt: 'Caption this image.',
  images: [image],
})
console.log(text)
