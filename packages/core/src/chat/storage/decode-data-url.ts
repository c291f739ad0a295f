/** The file in a data URL; undefined where there is none. Never throws. */
export function decodeDataUrl(url: string): Blob | undefined {
  const [, type = '', base64, data = ''] = /^data:([^,]*?)(;base64)?,(.*)$/is.exec(url) ?? []
  if (!/^data:/i.test(url)) return undefined
  try {
    if (!base64) return new Blob([decodeURIComponent(data)], { type })
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0))
    return new Blob([bytes], { type })
  } catch {
    return undefined
  }
}
