/**
 * The files of a paste, for a composer; the browser's own paste is then prevented.
 * Where the clipboard holds text too, as from a word processor, the text is pasted.
 */
export function takePastedFiles(
  event: Pick<ClipboardEvent, 'clipboardData' | 'preventDefault'>,
): readonly File[] {
  const data = event.clipboardData
  if (!data || data.files.length === 0 || data.types.includes('text/plain')) return []
  event.preventDefault()
  return [...data.files]
}
