import { emulatorUrl } from './fal-target.ts'

/** Where an image of a message is shown from: as it is, or from the emulator where that stands for fal's hosts. */
export function toImageUrl(url: string, baseUrl: string | undefined = emulatorUrl): string {
  if (baseUrl === undefined || !URL.canParse(url)) return url
  const { protocol, hostname, pathname, search } = new URL(url)
  const isFal = hostname === 'fal.media' || hostname.endsWith('.fal.media')
  return protocol === 'https:' && isFal ? `${baseUrl}/${hostname}${pathname}${search}` : url
}
